"""Refusals in Stripe's form."""

from typing import Any


class StripeError(Exception):
    """A request that Stripe would refuse: its status, and what the body says.

    `kept` tells whether the answer is saved under the idempotency key. Stripe saves results
    "only after the execution of an endpoint begins"; what fails validation before that is not
    (API reference, "Idempotent requests").
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        kept: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.kept = status, kept
        told = {"code": code, "message": message, "param": param, "type": type}
        self.error = {name: value for name, value in told.items() if value is not None}

    @property
    def body(self) -> dict[str, Any]:
        return {"error": self.error}


def no_such(kind: str, id: str, *, param: str = "id") -> StripeError:
    """Status 404, code resource_missing (docs, "Error codes")."""
    message = f"No such {kind}: '{id}'"
    return StripeError(message, status=404, code="resource_missing", param=param)


def missing(param: str) -> StripeError:
    """Code parameter_missing (docs, "Error codes")."""
    message = f"Missing required param: {param}."
    return StripeError(message, code="parameter_missing", param=param)


def broken(message: str) -> StripeError:
    """Status 500, type api_error: something of Stripe's own."""
    return StripeError(message, status=500, type="api_error")
