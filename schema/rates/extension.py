"""Where calls are counted: before anything runs, and before a transaction begins."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from strawberry.extensions import SchemaExtension

from schema.errors import Denied
from schema.rates import calls
from schema.rates.calls import Call
from schema.rates.declared import PasswordAsked, Rate
from schema.rates.refusal import RateLimited
from shop import clients, request_log
from users import attempts, rates, tokens
from users.attempts import Attempt
from users.rates import Use

WRONG = "INVALID_CREDENTIALS"


class Rates(SchemaExtension):
    """Stands before `Idempotency`, so that a count is kept whatever becomes of the mutation.

    Each limited mutation of a document counts. When one is refused nothing of the document is
    run, and those before it have counted all the same.
    """

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        if context.operation_type.value != "mutation" or not hasattr(context.context, "request"):
            yield
            return
        taken = Taken(context.context)
        try:
            for call in calls.limited(context):
                taken.add(call)
            yield
        finally:
            taken.settle()


class Taken:
    """What one request has taken."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.environ = context.request.META
        self.network = clients.network_of(self.environ)
        self.attempts: dict[str, Attempt] = {}

    def add(self, call: Call) -> None:
        """Raises RateLimited."""
        for one in call.declared:
            if isinstance(one, PasswordAsked):
                self.try_password(call, one)
            elif one.concerns(call.input):
                self.count(call, one)

    def count(self, call: Call, rate: Rate) -> None:
        for limit, who in self.subjects(call, rate):
            if limit in settings.RATE_LIMITS:
                self.refuse(rates.take(Use(limit, (who,))), limit)

    def subjects(self, call: Call, rate: Rate) -> Iterator[tuple[str, str]]:
        """The limits that may be there, each with whom it is about.

        The network's comes first: who has used that up takes nothing from anybody else.
        """
        yield f"{rate.name} by network", self.network
        if account := self.account():
            yield f"{rate.name} by account", account
        if rate.email:
            email = attempts.folded(str(call.input.get(rate.email) or ""))
            yield f"{rate.name} by e-mail", email

    def account(self) -> str | None:
        """Whom the token was made out to; a look-up is not worth it."""
        scheme, _, token = self.context.request.headers.get("Authorization", "").partition(" ")
        return tokens.subject_of(token.strip()) if scheme.lower() == "bearer" else None

    def try_password(self, call: Call, asked: PasswordAsked) -> None:
        email = call.input[asked.email] if asked.email else self.own_email()
        if email is None:
            return  # the mutation refuses who is not signed in, and looks at no password
        attempt = attempts.begin(email, self.network)
        self.refuse(attempt.wait, "wrong passwords")
        self.attempts[call.name] = attempt

    def own_email(self) -> str | None:
        try:
            viewer = self.context.viewer
        except Denied:
            return None
        return viewer.email if viewer else None

    def refuse(self, wait: int, limit: str) -> None:
        if wait:
            request_log.tell(self.environ, limited=limit)
            raise RateLimited(wait)

    def settle(self) -> None:
        """Give back the attempts but those that were wrong."""
        for name, attempt in self.attempts.items():
            if WRONG not in self.context.refused.get(name, ()):
                attempt.forgive()
