"""What the sandbox's pages are built of: safe markup, one stylesheet, the frame around a page."""

import base64
import hashlib
import html
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from checkout.sandbox import amounts

STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2430, #e8eaf0);
  --soft: light-dark(#5d6575, #a3abbb); --page: light-dark(#f3f4f8, #14161c);
  --card: light-dark(#fff, #1e212a); --line: light-dark(#dfe2ea, #343947);
  --act: light-dark(#4b3fd6, #9d94ff); --act-ink: light-dark(#fff, #14161c);
  --good: light-dark(#0b6b3a, #6fd49b); --bad: light-dark(#b3261e, #ff9d94);
  --warn: light-dark(#8a5300, #f2c063); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; }
main.narrow { max-width: 28rem; }
.notice { background: light-dark(#fff3d6, #3a2e12); color: light-dark(#5b3b00, #f6d590);
  margin: 0; padding: .6rem 1rem; text-align: center; font-size: .9rem; }
p { margin: .25rem 0; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .75rem; }
.soft, dt { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1rem 1.25rem; margin: 0 0 1rem; }
.total { font-size: 2rem; font-weight: 650; line-height: 1.2; margin: 0 0 .75rem; }
.row { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline;
  justify-content: space-between; }
.row + .row { border-top: 1px solid var(--line); margin-top: .5rem; padding-top: .5rem; }
.row > span:first-child { flex: 1 1 10rem; overflow-wrap: anywhere; }
.log { font-size: .9rem; }
.log .row > span:first-child { flex-basis: 18rem; }
.tools { display: inline-flex; gap: .5rem; align-items: center; }
.sum, .time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.id, code { font: .8rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
.mark { display: inline-block; border: 1px solid; border-radius: 1rem; padding: 0 .6rem;
  font-size: .8rem; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.said { border-left: .3rem solid; padding-left: 1rem; }
form { display: inline-flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: 0; }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: .75rem; }
.acts:empty { display: none; }
.narrow form { display: flex; flex-direction: column; align-items: stretch;
  margin-bottom: 1rem; }
.narrow .row:last-child { font-weight: 650; }
button, input { font: inherit; font-size: .9rem; padding: .35rem .8rem; border-radius: .5rem;
  border: 1px solid var(--line); background: transparent; color: inherit; }
button { cursor: pointer; }
button:hover { border-color: var(--act); }
button.main { background: var(--act); border-color: var(--act); color: var(--act-ink); }
.narrow button { padding: .7rem 1rem; font-size: 1rem; }
input { width: 7.5rem; text-align: right; }
:focus-visible { outline: .2rem solid var(--act); outline-offset: .1rem; }
a { color: var(--act); }
@media (max-width: 40rem) { button, input { padding: .6rem .8rem; } }
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

# The stylesheet and nothing else: no script, no other host, no frame around it. There is no
# form-action, because browsers would hold the way back to the shop against it.
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"
)


class Html(str):
    """Text that is markup already. Any other text is escaped on its way into a tag."""

    __slots__ = ()


class Page(NamedTuple):
    """An answer to a browser."""

    status: int
    headers: dict[str, str]
    body: bytes


def tag(name: str, /, *children: str | None, **attributes: str | None) -> Html:
    """An element. Attributes that are None are left out; `class_` is class."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in ("input", "meta"):
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: str | None) -> Html:
    """The children one after the other, escaped unless they are markup."""
    return Html(
        "".join(
            child if isinstance(child, Html) else html.escape(child) for child in children if child
        )
    )


def button(text: str, *, do: str, main: bool = False) -> Html:
    """A button of a form, which sends `do`."""
    return tag("button", text, name="do", value=do, class_="main" if main else None)


def mark(text: str, mood: str = "soft") -> Html:
    return tag("span", text, class_=f"mark {mood}")


def money(amount: int, currency: str) -> str:
    """`12.50 EUR`, from minor units."""
    return amounts.told(amount, currency).upper()


def moment(at: int) -> str:
    """`2026-11-23 14:05:09 UTC`, from Unix seconds."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def document(title: str, *content: str | None, status: int = 200, narrow: bool = False) -> Page:
    """A whole page around its content."""
    head = joined(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · Stripe sandbox"),
        tag("style", Html(STYLE)),
    )
    notice = "This is the sandbox, a stand-in for Stripe. No money moves here."
    body = tag("p", notice, class_="notice", role="note")
    whole = tag("body", body, tag("main", *content, class_="narrow" if narrow else None))
    text = joined(Html("<!doctype html>"), tag("html", tag("head", head), whole, lang="en"))
    return Page(status, _headers("text/html; charset=utf-8"), text.encode())


def redirect(address: str) -> Page:
    """See other: the browser goes on with a GET."""
    return Page(303, _headers("text/plain; charset=utf-8") | {"Location": address}, b"")


def web(address: str | None) -> str | None:
    """The address if it is one of the web, fit for a link or a header; else None.

    A session's addresses are the merchant's, and `javascript:` would run here.
    """
    try:
        scheme = urlsplit(address or "").scheme
    except ValueError:
        return None
    if not address or scheme not in ("http", "https"):
        return None
    return quote(address, safe="%/:?#[]@!$&'()*+,;=-._~{}")


def _headers(kind: str) -> dict[str, str]:
    return {
        "Content-Type": kind,
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        # Not `no-referrer`: with it browsers send `Origin: null` with the page's own forms.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
