"""What every test of the checkout may ask for."""

from tests.checkout.paying import stripe

__all__ = ["stripe"]
