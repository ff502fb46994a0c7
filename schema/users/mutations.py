"""Changes to accounts."""

from datetime import datetime
from typing import Any, cast

import strawberry

from checkout import accounts as belongings
from schema import ids
from schema.authorization.rules import HOLDER, OWNER, PUBLIC, guard
from schema.context import customer, network
from schema.errors import DeletePayload, Info, Payload, given, mutation
from schema.permissions import IsSignedIn
from schema.rates.declared import PasswordAsked, Rate
from schema.users.inputs import (
    AccountRegisterInput,
    AccountUpdateInput,
    AddressCreateInput,
    AddressDeleteInput,
    AddressUpdateInput,
    PasswordChangeInput,
    PasswordResetInput,
    PasswordResetRequestInput,
    TokenCreateInput,
    TokenRefreshInput,
    TokenRevokeInput,
)
from schema.users.types import Address, User
from shop.errors import Refused
from users import accounts, addresses, attempts, models, passwords, tokens


@strawberry.type(description="What came of registering.")
class AccountRegisterPayload(Payload):
    accepted: bool = strawberry.field(
        default=False,
        description="True alike for a new and a known address; a mail tells its owner which.",
    )


@strawberry.type(description="What came of changing the account.")
class AccountUpdatePayload(Payload):
    user: User | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="Tokens, when there are any.")
class TokenPayload(Payload):
    token: str | None = strawberry.field(
        default=None, description="To be sent as `Authorization: Bearer …`."
    )
    refresh_token: str | None = strawberry.field(
        default=None, description="For `tokenRefresh`, once; good for 30 days."
    )
    expires_at: datetime | None = strawberry.field(default=None, description="When `token` ends.")
    user: User | None = strawberry.field(default=None, description="Who is signed in by it.")

    @classmethod
    def of(cls, issued: tokens.Tokens) -> "TokenPayload":
        return cls(
            token=issued.token,
            refresh_token=issued.refresh_token,
            expires_at=issued.expires_at,
            user=cast("User", issued.user),
        )


@strawberry.type(description="What came of ending tokens.")
class TokenRevokePayload(Payload):
    revoked: int = strawberry.field(
        default=0, description="How many refresh tokens were good till now."
    )


@strawberry.type(description="What came of setting a password.")
class PasswordPayload(Payload):
    user: User | None = strawberry.field(
        default=None, description="Whose password it is; signed out everywhere."
    )


@strawberry.type(description="What came of asking for a new password.")
class PasswordResetRequestPayload(Payload):
    accepted: bool = strawberry.field(
        default=False, description="True alike for a known and an unknown address."
    )


@strawberry.type(description="What came of writing an address.")
class AddressPayload(Payload):
    address: Address | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type
class UsersMutation:
    @mutation(
        description="Open an account. It answers alike for a new and a known address; to be signed"
        " in at once, ask for `tokenCreate` in the same document.",
        rates=[Rate("registrations", email="email")],
        metadata=guard(PUBLIC),
    )
    def account_register(self, input: AccountRegisterInput) -> AccountRegisterPayload | None:
        accounts.register(
            input.email,
            input.password,
            first_name=input.first_name or "",
            last_name=input.last_name or "",
            phone=input.phone or "",
            marketing_consent=bool(input.marketing_consent),
        )
        return AccountRegisterPayload(accepted=True)

    @mutation(description="Change what the account says.", permission_classes=[IsSignedIn])
    def account_update(self, info: Info, input: AccountUpdateInput) -> AccountUpdatePayload | None:
        user = accounts.update(customer(info), given(input))
        return AccountUpdatePayload(user=cast("User", user))

    @mutation(
        description="Sign in.",
        rates=[Rate("sign-ins"), PasswordAsked(email="email")],
        metadata=guard(HOLDER),
    )
    def token_create(self, info: Info, input: TokenCreateInput) -> TokenPayload | None:
        issued = tokens.issue(accounts.authenticate(input.email, input.password))
        attempts.remember(issued.user.email, network(info))
        return TokenPayload.of(issued)

    @mutation(
        description="Stay signed in: new tokens for a refresh token.",
        commits_itself=True,  # a family ends although the token is refused
        rates=[Rate("refreshes")],
        metadata=guard(HOLDER),
    )
    def token_refresh(self, input: TokenRefreshInput) -> TokenPayload | None:
        return TokenPayload.of(tokens.refresh(input.refresh_token))

    @mutation(description="Sign out, here or everywhere.", metadata=guard(HOLDER))
    def token_revoke(self, info: Info, input: TokenRevokeInput) -> TokenRevokePayload | None:
        if input.everywhere:
            return TokenRevokePayload(revoked=tokens.revoke_everywhere(customer(info)))
        if not input.refresh_token:
            raise Refused("REQUIRED", "Say which token, or everywhere.", "refresh_token")
        return TokenRevokePayload(revoked=tokens.revoke(input.refresh_token))

    @mutation(
        description="Set another password. It ends every token, the caller's too.",
        rates=[PasswordAsked()],
        permission_classes=[IsSignedIn],
    )
    def password_change(self, info: Info, input: PasswordChangeInput) -> PasswordPayload | None:
        user = passwords.change(
            customer(info), current=input.current_password, new=input.new_password
        )
        return PasswordPayload(user=cast("User", user))

    @mutation(
        description="Have a code for a new password sent by mail.",
        rates=[Rate("reset mails", email="email")],
        metadata=guard(PUBLIC),
    )
    def password_reset_request(
        self, input: PasswordResetRequestInput
    ) -> PasswordResetRequestPayload | None:
        passwords.request_reset(input.email)
        return PasswordResetRequestPayload(accepted=True)

    @mutation(
        description="Set a new password by the code from the mail. It ends every token, and proves"
        " the address as `emailVerify` does.",
        rates=[Rate("mailed codes")],
        metadata=guard(HOLDER),
    )
    def password_reset(self, info: Info, input: PasswordResetInput) -> PasswordPayload | None:
        user = belongings.reset_password(input.token, new=input.new_password)
        attempts.remember(user.email, network(info))
        return PasswordPayload(user=cast("User", user))

    @mutation(description="Add an address to the account.", permission_classes=[IsSignedIn])
    def address_create(self, info: Info, input: AddressCreateInput) -> AddressPayload | None:
        address = addresses.create(
            customer(info),
            given(input.address),
            is_default_shipping=input.is_default_shipping,
            is_default_billing=input.is_default_billing,
        )
        return AddressPayload(address=cast("Address", address))

    @mutation(
        description="Change an address of the caller's.",
        permission_classes=[IsSignedIn],
        metadata=guard(OWNER),
    )
    def address_update(self, info: Info, input: AddressUpdateInput) -> AddressPayload | None:
        changes: dict[str, Any] = given(input)
        address = own_address(info, changes.pop("id"))
        if input.address:
            changes["address"] = given(input.address)
        return AddressPayload(address=cast("Address", addresses.update(address, changes)))

    @mutation(
        description="Remove an address of the caller's.",
        permission_classes=[IsSignedIn],
        metadata=guard(OWNER),
    )
    def address_delete(self, info: Info, input: AddressDeleteInput) -> DeletePayload | None:
        address = own_address(info, input.id)
        addresses.delete(address)
        return DeletePayload(deleted_id=input.id)


def own_address(info: Info, id: str) -> models.Address:
    return ids.get(models.Address.objects.filter(user=customer(info)), id, "id")
