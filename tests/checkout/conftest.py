"""What every test of the checkout may ask for."""

from tests.checkout.paying import hasty, impatient, stripe

__all__ = ["hasty", "impatient", "stripe"]
