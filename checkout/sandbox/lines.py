"""What a session sells: its lines, its shipping, and what they come to."""

import re

from checkout.sandbox import amounts, parameters
from checkout.sandbox.errors import StripeError, missing
from checkout.sandbox.objects import Json, fresh, new_id

MOST_LINES = 100  # package types: "a maximum of 100 line items" in payment mode
MOST_OPTIONS = 5  # package types of shipping_options: "a maximum of 5"
CURRENCY = re.compile(r"[a-z]{3}")


def read(params: Json, now: int) -> tuple[list[Json], Json]:
    """The line items, and the fields of the session that they and the shipping decide.

    Raises:
        StripeError: for lines that Stripe would refuse, more than one currency, and a total
            that cannot be charged.
    """
    given = parameters.branches(params, "line_items")
    if not given:
        raise missing("line_items")
    if len(given) > MOST_LINES:
        message = f"Maximum number of line items is {MOST_LINES}."
        raise StripeError(message, param="line_items")
    items = [_item(line, now, f"line_items[{index}]") for index, line in enumerate(given)]
    options = _options(params)
    currency = _one_currency([item["currency"] for item in items], params, options)
    totals = _totals(items, options) | {"currency": currency}
    amounts.check_total(totals["amount_total"], currency)
    return items, totals


def _item(line: Json, now: int, name: str) -> Json:
    """One line: a price made for the occasion (package types of price_data).

    Guess: the wording of the refusals.
    """
    for unknown in ("price", "tax_rates", "adjustable_quantity"):
        if unknown in line:
            raise StripeError(f"The sandbox does not know {name}[{unknown}].", param=name)
    data = parameters.branch(line, "price_data")
    product = parameters.branch(data, "product_data")
    quantity = parameters.needed_integer(line, "quantity", least=1)
    unit, currency = amount_of(data, "unit_amount")
    if not (title := parameters.text(product, "name")):
        raise missing(f"{name}[price_data][product_data][name]")
    parameters.metadata(product)
    price = fresh(
        "price", at=now, currency=currency, unit_amount=unit, unit_amount_decimal=str(unit),
        product=new_id("product"),
    )  # fmt: skip
    total = unit * quantity
    return fresh(
        "item", at=now, amount_subtotal=total, amount_total=total, currency=currency,
        description=title, price=price, quantity=quantity, metadata=parameters.metadata(line),
    )  # fmt: skip


def amount_of(holder: Json, name: str) -> tuple[int, str]:
    """An amount of zero or more minor units, with its currency in lower case.

    Guess: Stripe may take upper case; here it is refused, as the reference asks for lower.
    """
    currency = parameters.text(holder, "currency")
    if currency is None:
        raise missing("currency")
    if not CURRENCY.fullmatch(currency):
        raise StripeError(f"Invalid currency: {currency}", param="currency")
    amount = parameters.needed_integer(holder, name)
    amounts.check_multiple(amount, currency, param=name)
    return amount, currency


def _options(params: Json) -> list[tuple[int, str]]:
    """Amount and currency of each way of shipping; the first one is the buyer's choice here."""
    given = parameters.branches(params, "shipping_options")
    if len(given) > MOST_OPTIONS:
        message = f"Maximum number of shipping options is {MOST_OPTIONS}."
        raise StripeError(message, param="shipping_options")
    found = []
    for option in given:
        data = parameters.branch(option, "shipping_rate_data")
        if not parameters.text(data, "display_name"):
            raise missing("shipping_rate_data[display_name]")
        found.append(amount_of(parameters.branch(data, "fixed_amount"), "amount"))
    return found


def _one_currency(found: list[str], params: Json, options: list[tuple[int, str]]) -> str:
    """All of a session is in one currency (docs, "Checkout: currencies"). Guess: the wording."""
    asked = parameters.text(params, "currency")
    used = {*found, *(currency for _, currency in options), *([asked] if asked else [])}
    if len(used) > 1:
        message = "All prices on a Checkout Session must be in the same currency: "
        raise StripeError(message + ", ".join(sorted(used)), param="line_items")
    return found[0]


def _totals(items: list[Json], options: list[tuple[int, str]]) -> Json:
    subtotal = sum(item["amount_total"] for item in items)
    rates: list[Json] = [
        {"shipping_amount": amount, "shipping_rate": new_id("shipping_rate")}
        for amount, _ in options
    ]
    shipping = options[0][0] if options else 0
    cost: Json = {"amount_subtotal": shipping, "amount_tax": 0, "amount_total": shipping}
    details = {"amount_discount": 0, "amount_shipping": shipping, "amount_tax": 0}
    return {
        "amount_subtotal": subtotal, "amount_total": subtotal + shipping,
        "shipping_options": rates, "total_details": details,
        "shipping_cost": cost | {"shipping_rate": rates[0]["shipping_rate"]} if rates else None,
    }  # fmt: skip
