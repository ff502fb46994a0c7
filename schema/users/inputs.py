"""What the accounts' mutations take."""

import strawberry

UNSET = strawberry.UNSET


@strawberry.input(description="A new account.")
class AccountRegisterInput:
    email: str = strawberry.field(
        description="The name to sign in with; at most 254 signs, and the case does not matter."
    )
    password: str = strawberry.field(
        description="At least 8 signs, not a common one, not all digits, and not like the name."
    )
    first_name: str | None = strawberry.field(
        default=None, description="At most 100 signs; others see it beside reviews."
    )
    last_name: str | None = strawberry.field(
        default=None, description="At most 100 signs; others see its first letter."
    )
    phone: str | None = strawberry.field(
        default=None, description="At most 40 signs, in any notation."
    )
    marketing_consent: bool | None = strawberry.field(
        default=None, description="True: they want news and offers by mail. Left out: they do not."
    )


@strawberry.input(description="What to change; a field left out stays, null empties it.")
class AccountUpdateInput:
    first_name: str | None = strawberry.field(default=UNSET, description="At most 100 signs.")
    last_name: str | None = strawberry.field(default=UNSET, description="At most 100 signs.")
    phone: str | None = strawberry.field(
        default=UNSET, description="At most 40 signs, in any notation."
    )
    marketing_consent: bool | None = strawberry.field(
        default=UNSET,
        description="Whether they want news and offers by mail; cannot be emptied by null.",
    )


@strawberry.input(description="Who signs in.")
class TokenCreateInput:
    email: str = strawberry.field(description="Of the account; the case does not matter.")
    password: str = strawberry.field(description="Of the account.")


@strawberry.input(description="What is exchanged.")
class TokenRefreshInput:
    refresh_token: str = strawberry.field(
        description="The latest one; it is used up. Sent twice, it ends the whole sign-in."
    )


@strawberry.input(description="What to end: one sign-in, or all of them. One of the two is needed.")
class TokenRevokeInput:
    refresh_token: str | None = strawberry.field(
        default=None,
        description="Ends the sign-in it belongs to; to hold it is right enough.",
    )
    everywhere: bool | None = strawberry.field(
        default=None,
        description="True: end all of the caller's tokens at once, access tokens too.",
    )


@strawberry.input(description="A new password by the present one.")
class PasswordChangeInput:
    current_password: str = strawberry.field(description="The caller's present one.")
    new_password: str = strawberry.field(description="As good as registering asks for.")


@strawberry.input(description="Who has lost a password.")
class PasswordResetRequestInput:
    email: str = strawberry.field(description="Of the account; the code is mailed to it.")


@strawberry.input(description="A new password by a code from a mail.")
class PasswordResetInput:
    token: str = strawberry.field(description="The code; it works once, within an hour.")
    new_password: str = strawberry.field(description="As good as registering asks for.")


@strawberry.input(description="Whose address is to be proven.")
class EmailVerificationRequestInput:
    email: str = strawberry.field(description="Of the account; the code is mailed to it.")


@strawberry.input(description="A proof by a code from a mail.")
class EmailVerifyInput:
    token: str = strawberry.field(
        description="The code, of a registration, a request or a change; works once, for 24 hours."
    )


@strawberry.input(description="Another address for the account.")
class EmailChangeRequestInput:
    new_email: str = strawberry.field(
        description="Becomes the name to sign in with once its code came back; at most 254 signs."
    )
    password: str = strawberry.field(description="The caller's.")


@strawberry.input(description="The end of an account.")
class AccountDeleteInput:
    password: str = strawberry.field(description="The caller's.")


@strawberry.input(description="An address as mail carriers want it.")
class AddressInput:
    name: str = strawberry.field(description="Who receives it; at most 200 signs.")
    line1: str = strawberry.field(description="Street and number; at most 200 signs.")
    city: str = strawberry.field(description="At most 100 signs.")
    country: str = strawberry.field(
        description="ISO 3166-1 alpha-2, such as DE; small letters will do."
    )
    company: str | None = strawberry.field(default=UNSET, description="At most 200 signs.")
    line2: str | None = strawberry.field(
        default=UNSET, description="Floor, flat and the like; at most 200 signs."
    )
    region: str | None = strawberry.field(
        default=UNSET, description="State or province; at most 100 signs."
    )
    postcode: str | None = strawberry.field(default=UNSET, description="At most 20 signs.")
    phone: str | None = strawberry.field(
        default=UNSET, description="For the carrier; at most 40 signs."
    )


@strawberry.input(description="A new address of the caller's.")
class AddressCreateInput:
    address: AddressInput = strawberry.field(description="Its lines.")
    is_default_shipping: bool | None = strawberry.field(
        default=None, description="True: where to send by default, in place of the present one."
    )
    is_default_billing: bool | None = strawberry.field(
        default=None, description="True: whom to bill by default, in place of the present one."
    )


@strawberry.input(description="What to change; a field left out stays as it is.")
class AddressUpdateInput:
    id: strawberry.ID = strawberry.field(description="Of an address of the caller's.")
    address: AddressInput | None = strawberry.field(
        default=UNSET, description="Its lines; of these too, one left out stays, null empties it."
    )
    is_default_shipping: bool | None = strawberry.field(
        default=UNSET, description="True takes the place of the present one; false leaves none."
    )
    is_default_billing: bool | None = strawberry.field(
        default=UNSET, description="True takes the place of the present one; false leaves none."
    )


@strawberry.input(description="Which address goes.")
class AddressDeleteInput:
    id: strawberry.ID = strawberry.field(description="Of an address of the caller's.")
