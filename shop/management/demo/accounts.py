"""Who can sign in to the demo shop, with a password that everybody knows."""

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission

from users.models import User

PASSWORD = "demo-shop"

GOODS = ("product", "variant", "category", "collection", "brand", "attribute", "attributevalue")
CATALOGUE = (
    *(f"{verb}_{row}" for row in GOODS for verb in ("view", "add", "change", "delete")),
    *(f"{verb}_productimage" for verb in ("view", "add", "change", "delete")),
    *("adjust_stock", "view_stockmovement", "view_review", "moderate_review"),
)
PAPERS = ("order", "orderline", "orderevent", "payment", "fulfilment", "cart", "user", "address")
SALES = (
    *(f"view_{row}" for row in (*PAPERS, "product", "variant")),
    *("process_order", "refund_order", "change_order", "delete_order"),
)
GROUPS = {"Catalogue": CATALOGUE, "Sales": SALES}


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in; `groups` make staff of them."""

    email: str
    first_name: str
    last_name: str
    what: str
    groups: tuple[str, ...] = ()
    is_superuser: bool = False


ACCOUNTS = (
    Account("admin@example.com", "Alma", "Admin", "may do everything", is_superuser=True),
    Account("staff@example.com", "Stina", "Staff", "catalogue and orders", ("Catalogue", "Sales")),
    Account("catalogue@example.com", "Cato", "Catalogue", "the catalogue alone", ("Catalogue",)),
    Account("sales@example.com", "Sally", "Sales", "orders alone", ("Sales",)),
    Account("customer@example.com", "Ada", "Example", "a customer"),
)


def load() -> None:
    """Make the groups and the accounts that are not there yet."""
    for name, codenames in GROUPS.items():
        group, made = Group.objects.get_or_create(name=name)
        if made:
            group.permissions.set(Permission.objects.filter(codename__in=codenames))
    for account in ACCOUNTS:
        if not User.objects.filter(email=account.email).exists():
            open_account(account)


def open_account(account: Account) -> None:
    user = User.objects.create_user(
        account.email,
        PASSWORD,
        first_name=account.first_name,
        last_name=account.last_name,
        is_staff=bool(account.groups) or account.is_superuser,
        is_superuser=account.is_superuser,
    )
    user.groups.set(Group.objects.filter(name__in=account.groups))
