"""What Stripe says of amounts, by currency: how many decimals, how little, how much."""

from checkout.sandbox.errors import StripeError

# Docs, "Currencies: zero-decimal" and "three-decimal". All others have two.
EXPONENTS = dict.fromkeys(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
     "xof", "xpf"), 0,
) | dict.fromkeys(("bhd", "jod", "kwd", "omr", "tnd"), 3)  # fmt: skip

# Docs, "Currencies: special cases": what an amount must be a multiple of.
MULTIPLES = dict.fromkeys(("bhd", "jod", "kwd", "omr", "tnd"), 10) | {"isk": 100, "ugx": 100}

# Docs, "Currencies: minimum and maximum charge amounts", in minor units.
MINIMA = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
    "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
OTHER_MINIMUM = 50  # Guess: Stripe converts from its settlement currency
MAXIMUM = 99_999_999  # package types: "The amount value supports up to eight digits"


def told(amount: int, currency: str) -> str:
    """For sentences: `12.50 eur`."""
    places = EXPONENTS.get(currency, 2)
    whole = f"{amount:0{places + 1}d}"
    number = f"{whole[:-places]}.{whole[-places:]}" if places else whole
    return f"{number} {currency}"


def check_multiple(amount: int, currency: str, *, param: str) -> None:
    """Three-decimal amounts end in 0, those of ISK and UGX in 00 (docs, "Special cases").

    Guess: the wording and the code.
    """
    multiple = MULTIPLES.get(currency, 1)
    if amount % multiple:
        message = f"Amounts in {currency} must be a multiple of {multiple}: {amount}."
        raise StripeError(message, code="parameter_invalid_integer", param=param)


def check_total(amount: int, currency: str) -> None:
    """Not too little and not too much to be charged at once.

    Codes amount_too_small and amount_too_large (docs, "Error codes"). Guess: orders of
    nothing, which Stripe may allow, are too small here.
    """
    least = MINIMA.get(currency, OTHER_MINIMUM)
    if amount < least:
        message = "The Checkout Session's total amount due must add up to at least "
        raise StripeError(message + told(least, currency), code="amount_too_small")
    if amount > MAXIMUM:
        message = "The Checkout Session's total amount due must be no more than "
        raise StripeError(message + told(MAXIMUM, currency), code="amount_too_large")
