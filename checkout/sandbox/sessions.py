"""Checkout Sessions: what may be asked for, and how they end without money."""

from checkout.sandbox import lines, parameters
from checkout.sandbox.books import Books
from checkout.sandbox.errors import StripeError, missing
from checkout.sandbox.objects import Json, fresh, new_id

KIND = "checkout.session"
SOONEST, LATEST = 30 * 60, 24 * 60 * 60  # seconds from now within which a session may expire
UI_MODES = ("hosted_page", "embedded_page", "elements")
TEXTS = ("cancel_url", "client_reference_id", "customer_email", "locale", "success_url")
NEVER_TRUE = (
    ("adaptive_pricing", "enabled"), ("automatic_tax", "enabled"), ("allow_promotion_codes",),
)  # fmt: skip


def create(books: Books, params: Json) -> Json:
    """A new open session, with its lines in `books.line_items`.

    API reference, "Create a Checkout Session", and the package types of its parameters. What
    would let Stripe change the amount is not stood in for, and refused.

    Raises:
        StripeError: and nothing is kept.
    """
    _check_kind(params)
    now = books.now()
    items, totals = lines.read(params, now)
    session = fresh(
        KIND, at=now, expires_at=_expiry(params, now), metadata=parameters.metadata(params),
        **totals, **_texts(params),
    )  # fmt: skip
    _give_access(books, session, params)
    books.intent_data[session["id"]] = _intent_data(params)
    books.line_items[session["id"]] = items
    return books.keep(session)


def expire(books: Books, id: str) -> Json:
    """Close an open session, as its time does or as the merchant asks.

    Raises:
        StripeError: when it is not open. The wording is the API's own (reported in public
            issues); docs, "Expire a Checkout Session": "can be expired only if open".
    """
    with books.change():
        session = books.find(KIND, id, param="session")
        if session["status"] != "open":
            message = 'Only Checkout Sessions with a status in ["open"] can be expired. '
            message += f"This Checkout Session has a status of `{session['status']}`."
            raise StripeError(message, kept=True)
        session |= {"status": "expired", "url": None}
        _cancel_intent(books, session)
        books.emit("checkout.session.expired", session)
        return session


def lapse(books: Books) -> None:
    """Expire every open session whose time has come."""
    if not _due(books):
        return
    with books.change():
        for session in _due(books):
            expire(books, session["id"])


def _due(books: Books) -> list[Json]:
    """The open sessions whose time has come, the oldest first."""
    now = books.now()
    with books.lock:
        found = [each for each in books.all(KIND) if each["status"] == "open"]
    return [each for each in reversed(found) if each["expires_at"] <= now]


def move_to(books: Books, address: str) -> None:
    """Let the links of open sessions point to where the server is now."""
    books.address = address
    for session in books.all(KIND):
        if session["url"]:
            session["url"] = f"{address}/pay/{session['id']}"


def _check_kind(params: Json) -> None:
    if parameters.choice(params, "mode", "payment", "setup", "subscription") != "payment":
        raise StripeError("The sandbox knows only mode=payment.", param="mode")
    for names in NEVER_TRUE:
        holder = parameters.branch(params, names[0]) if len(names) > 1 else params
        if parameters.flag(holder, names[-1]):
            name = "[".join(names) + "]" * (len(names) - 1)
            raise StripeError(f"The sandbox does not know {name}=true.", param=name)
    for name in ("discounts", "optional_items", "shipping_address_collection", "customer"):
        if params.get(name):
            raise StripeError(f"The sandbox does not know {name}.", param=name)


def _expiry(params: Json, now: int) -> int:
    """From 30 minutes to 24 hours after the creation, which is now, whenever it was asked for.

    Package types of `expires_at`; a day if it is not given. The wording is the API's (reported
    in public issues); by it, exactly 24 hours are too many.
    """
    given = parameters.integer(params, "expires_at")
    if given is None:
        return now + LATEST
    bound = None
    if given - now < SOONEST:
        bound = "at least 30 minutes"
    elif given - now >= LATEST:
        bound = "less than 24 hours"
    if bound:
        message = f"The `expires_at` timestamp must be {bound} from Checkout Session creation."
        raise StripeError(message, param="expires_at")
    return given


def _texts(params: Json) -> Json:
    """What is taken over as it comes, and what follows from it."""
    found: Json = {name: value for name in TEXTS if (value := parameters.text(params, name))}
    if email := found.get("customer_email"):
        found["customer_details"] = details_of(email)
    return found


def details_of(email: str) -> Json:
    """What a session knows of its buyer when it knows the address alone."""
    names = ("address", "business_name", "individual_name", "name", "phone", "tax_ids")
    return dict.fromkeys(names) | {"email": email, "tax_exempt": "none"}


def _give_access(books: Books, session: Json, params: Json) -> None:
    """The way to pay: a link for the hosted page, a secret for the others.

    Package types: `url` "only present when the session is active" and for hosted_page;
    `client_secret` for embedded_page and elements; neither success_url nor cancel_url is
    allowed there; return_url is required there if a method redirects, which is taken as given.
    Guess: that success_url is required for hosted_page, and where return_url is refused.
    """
    mode = parameters.choice(params, "ui_mode", *UI_MODES, default=UI_MODES[0])
    hosted = mode == "hosted_page"
    needed, refused = "success_url", ["return_url"]
    if not hosted:
        needed, refused = "return_url", ["success_url", "cancel_url"]
    for name in refused:
        if name in params:
            message = f"`{name}` is not allowed when `ui_mode` is `{mode}`."
            raise StripeError(message, param=name)
    if not (link := parameters.text(params, needed)):
        raise missing(needed)
    session |= {"ui_mode": mode, needed: link}
    if hosted:
        session["url"] = f"{books.address}/pay/{session['id']}"
    else:
        session["client_secret"] = f"{session['id']}_secret_{new_id('request')[4:]}"
        session["redirect_on_completion"] = "always"


def _intent_data(params: Json) -> Json:
    """What is copied to the intent and its charge (package types of payment_intent_data)."""
    data = parameters.branch(params, "payment_intent_data")
    if data.get("capture_method", "automatic") == "manual":
        name = "payment_intent_data[capture_method]"
        raise StripeError("The sandbox does not know manual capture.", param=name)
    kept = ("description", "receipt_email", "statement_descriptor_suffix")
    found: Json = {name: data[name] for name in kept if name in data}
    return found | {"metadata": parameters.metadata(data)}


def _cancel_intent(books: Books, session: Json) -> None:
    """A try that failed left an intent; it ends with its session.

    Package types: "To cancel, expire the Checkout Session instead". Guess: the reason.
    """
    if session["payment_intent"]:
        intent = books.find("payment_intent", session["payment_intent"])
        intent |= {"status": "canceled", "canceled_at": books.now()}
        intent["cancellation_reason"] = "expired"
        books.emit("payment_intent.canceled", intent)
