"""Proving an address, changing to another one, and leaving."""

from typing import cast

import strawberry

from checkout import accounts
from schema import ids
from schema.authorization.rules import HOLDER, PUBLIC, guard
from schema.context import customer
from schema.errors import DeletePayload, Info, Payload, mutation
from schema.permissions import IsSignedIn
from schema.rates.declared import PasswordAsked, Rate
from schema.users.inputs import (
    AccountDeleteInput,
    EmailChangeRequestInput,
    EmailVerificationRequestInput,
    EmailVerifyInput,
)
from schema.users.types import User
from users import verification


@strawberry.type(description="What came of asking for a code.")
class EmailVerificationRequestPayload(Payload):
    accepted: bool = strawberry.field(
        default=False, description="True alike for a known, a proven and an unknown address."
    )


@strawberry.type(description="What came of proving an address.")
class EmailVerifyPayload(Payload):
    user: User | None = strawberry.field(
        default=None, description="Whose address it is; signed out everywhere if it is a new one."
    )


@strawberry.type(description="What came of asking for another address.")
class EmailChangeRequestPayload(Payload):
    accepted: bool = strawberry.field(
        default=False,
        description="True alike for a free and a taken address; a mail tells its owner which.",
    )


@strawberry.type
class AccountMutation:
    @mutation(
        description="Have a code sent by mail that proves the address of an account.",
        rates=[Rate("verification mails", email="email")],
        metadata=guard(PUBLIC),
    )
    def email_verification_request(
        self, input: EmailVerificationRequestInput
    ) -> EmailVerificationRequestPayload | None:
        verification.request(input.email)
        return EmailVerificationRequestPayload(accepted=True)

    @mutation(
        description="Prove an address by the code from the mail. What was ordered with it as a"
        " guest is in the account then.",
        rates=[Rate("mailed codes")],
        metadata=guard(HOLDER),
    )
    def email_verify(self, input: EmailVerifyInput) -> EmailVerifyPayload | None:
        user = accounts.verify_email(input.token)
        return EmailVerifyPayload(user=cast("User", user))

    @mutation(
        description="Have a code sent to another address; `emailVerify` with it makes that the"
        " account's, and ends every token.",
        rates=[Rate("address changes", email="newEmail"), PasswordAsked()],
        permission_classes=[IsSignedIn],
    )
    def email_change_request(
        self, info: Info, input: EmailChangeRequestInput
    ) -> EmailChangeRequestPayload | None:
        verification.request_change(
            customer(info), new_email=input.new_email, password=input.password
        )
        return EmailChangeRequestPayload(accepted=True)

    @mutation(
        description="Close the caller's account for good. Orders stay without name, address and"
        " e-mail, reviews stay as by a nameless customer; the rest goes. Refused while an order"
        " is open.",
        rates=[PasswordAsked()],
        permission_classes=[IsSignedIn],
    )
    def account_delete(self, info: Info, input: AccountDeleteInput) -> DeletePayload | None:
        user = customer(info)
        accounts.delete(user, password=input.password)
        return DeletePayload(deleted_id=strawberry.ID(ids.of(user)))
