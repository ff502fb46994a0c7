"""The admin as a browser sees it: pages, their forms, and what is sent back."""

from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checkout.models import Order
from users.models import User


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def make_boss() -> User:
    return User.objects.create_superuser("boss@example.com", "correct horse battery")


def page(model: str, name: str = "changelist", *args: Any) -> str:
    """The address of a page, of a model such as "catalog.product"."""
    return reverse(f"admin:{model.replace('.', '_')}_{name}", args=args)


def grant(user: User, *names: str) -> None:
    for name in names:
        app, _, codename = name.partition(".")
        found = Permission.objects.get(content_type__app_label=app, codename=codename)
        user.user_permissions.add(found)


class Fields(HTMLParser):
    """What a browser would send if the page's one form were sent untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self.select = self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, kind = found.get("name") or "", found.get("type")
        if "disabled" in found or (not name and tag != "option"):
            return
        if tag == "textarea":
            self.text, self.data[name] = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self.data.setdefault(self.select, []).append(found.get("value") or "")
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in found:
                self.data.setdefault(name, []).append(found.get("value") or "on")
        elif tag == "input" and kind not in ("submit", "file"):
            self.data[name] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.text = ""

    def handle_data(self, data: str) -> None:
        if self.text:
            # A browser drops the line break that Django puts behind the tag.
            self.data[self.text] += data.removeprefix("\n") if not self.data[self.text] else data


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """The form of a page as it comes, with some fields filled in; None unticks a box.

    A double underscore stands for the dash in the names of rows: variants__0__price.
    """
    data = Fields(shown(client.get(url))).data
    for name, value in changes.items():
        data[name.replace("__", "-")] = value
    return {name: value for name, value in data.items() if value is not None}


def shown(response: Any) -> str:
    """The page's source; anything but a page fails the test."""
    assert response.status_code == 200, (response.status_code, response.content[:300])
    return str(response.content.decode())


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def errors(response: Any) -> dict[str, list[str]]:
    """What is wrong, by field; those of rows with the row's prefix, those of all rows alike."""
    shown(response)
    form = response.context["adminform"].form
    found: dict[str, list[str]] = dict(form.errors)
    for each in response.context["inline_admin_formsets"]:
        formset = each.formset
        if formset.non_form_errors():
            found[formset.prefix] = list(formset.non_form_errors())
        for row in formset.forms:
            found |= {f"{row.prefix}-{name}": texts for name, texts in row.errors.items()}
    return found


def statements(client: Client, url: str) -> int:
    """How many statements a page takes."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200
    return len(queries)


def order_page(order: Order) -> str:
    return page("checkout.order", "change", order.pk)


def do(client: Client, order: Order, move: str, **fields: Any) -> Any:
    """Send one of the forms of an order's page; the order is read again."""
    data = {f"{move}-{name}": value for name, value in fields.items()}
    response = client.post(order_page(order), {"move": move, **data})
    order.refresh_from_db()
    return response


def offered(client: Client, order: Order) -> list[str]:
    context = client.get(order_page(order)).context
    return [move.key for move in context["moves"]] + ["clear_flag"] * bool(context["clear"])


def wrong(response: Any) -> dict[str, list[str]]:
    (move,) = [move for move in response.context["moves"] if move.is_bound]
    return dict(move.errors)
