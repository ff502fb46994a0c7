"""What every test of the API may ask for."""

from tests.checkout.paying import stripe

__all__ = ["stripe"]
