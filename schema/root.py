"""The schema: the parts merged into one query type and one mutation type."""

from typing import Any

import strawberry
from django.conf import settings
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection
from strawberry.schema.config import StrawberryConfig

from schema.authorization import table
from schema.catalog.image_mutations import ImageMutation
from schema.catalog.mutations import CatalogMutation
from schema.catalog.queries import CatalogQuery
from schema.catalog.wish_mutations import WishMutation
from schema.checkout.care import CareMutation
from schema.checkout.guests import GuestMutation
from schema.checkout.mutations import CheckoutMutation
from schema.checkout.payment_mutations import PaymentMutation
from schema.checkout.queries import CheckoutQuery
from schema.checkout.returns import ReturnMutation
from schema.errors import InputError, OutOfStockError, PriceChangedError
from schema.execution.checked import Checked
from schema.execution.plans import PlannedSchema
from schema.extensions import Codes, OneOperation, Readable
from schema.idempotency.extension import Idempotency
from schema.limits import Limits
from schema.money import SCALARS
from schema.rates.extension import Rates
from schema.users.account_mutations import AccountMutation
from schema.users.mutations import UsersMutation
from schema.users.queries import UsersQuery


@strawberry.type(description="What can be asked; nothing is changed by it.")
class Query(CatalogQuery, UsersQuery, CheckoutQuery):
    pass


@strawberry.type(description="What can be changed; several run one after the other.")
class Mutation(
    UsersMutation,
    AccountMutation,
    CatalogMutation,
    ImageMutation,
    WishMutation,
    CheckoutMutation,
    PaymentMutation,
    ReturnMutation,
    GuestMutation,
    CareMutation,
):
    pass


class Schema(PlannedSchema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Silent: `extensions.Codes` logs the bugs, and refusals are nobody's trouble here."""


def build(*, explorer: bool) -> Schema:
    """The whole schema; without the explorer nobody may ask what it contains.

    Raises:
        Undeclared: for a field that nobody has said a rule for.
    """
    made = Schema(
        query=Query,
        mutation=Mutation,
        types=[InputError, OutOfStockError, PriceChangedError],
        extensions=[
            Codes,
            Checked,
            OneOperation,
            Limits,
            Readable,
            Rates,
            Idempotency,
            *([] if explorer else [DisableIntrospection]),
        ],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not explorer),
    )
    table.refuse_undeclared(made._schema)  # noqa: SLF001 # there is no other way to it
    made.planned = settings.GRAPHQL_COMPILED_PLANS
    return made


schema = build(explorer=settings.GRAPHQL_EXPLORER)
