"""The smallest API that answers the samples: one product, one customer, one order."""

import json
from pathlib import Path
from typing import Any

import strawberry
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError

from schema.explorer.page import explorer_page

SAMPLES = Path(__file__).resolve().parent
TOKEN = "header.payload.signature"


@strawberry.type
class Variant:
    id: strawberry.ID


@strawberry.type
class Product:
    id: strawberry.ID
    name: str
    default_variant: Variant


@strawberry.type
class Products:
    nodes: list[Product]


@strawberry.type
class Problem:
    code: str
    message: str


@strawberry.type
class TokenPayload:
    token: str | None = None
    refresh_token: str | None = None
    errors: list[Problem] = strawberry.field(default_factory=list)


@strawberry.type
class Cart:
    token: str


@strawberry.type
class CartPayload:
    cart: Cart | None = None
    errors: list[Problem] = strawberry.field(default_factory=list)


@strawberry.type
class Order:
    number: str


@strawberry.type
class OrderPlacePayload:
    order: Order | None = None
    errors: list[Problem] = strawberry.field(default_factory=list)


@strawberry.input
class TokenCreateInput:
    email: str
    password: str


@strawberry.input
class CartLineInput:
    variant_id: strawberry.ID
    quantity: int


@strawberry.input
class CartInput:
    lines: list[CartLineInput]
    note: str = ""


@strawberry.input
class OrderPlaceInput:
    cart_token: str


def refuse_strangers(info: strawberry.Info) -> None:
    if info.context["authorization"] != f"Bearer {TOKEN}":
        raise GraphQLError("Sign in first.", extensions={"code": "UNAUTHENTICATED"})


@strawberry.type
class Query:
    @strawberry.field
    def products(self) -> Products:
        lamp = Product(
            id=strawberry.ID("UHJvZHVjdDox"),
            name="Lamp",
            default_variant=Variant(id=strawberry.ID("VmFyaWFudDox")),
        )
        return Products(nodes=[lamp])

    @strawberry.field
    def orders(self, info: strawberry.Info) -> list[str]:
        refuse_strangers(info)
        return ["N-1"]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def token_create(self, input: TokenCreateInput) -> TokenPayload:
        if input.password != "let-me-in-please":
            problem = Problem(code="INVALID_CREDENTIALS", message="That is not the password.")
            return TokenPayload(token="not yours", errors=[problem])
        return TokenPayload(token=TOKEN, refresh_token="renew-me")

    @strawberry.mutation
    def cart_create(self, info: strawberry.Info, input: CartInput) -> CartPayload:
        refuse_strangers(info)
        return CartPayload(cart=Cart(token="cart-of-ada"))

    @strawberry.mutation
    def order_place(self, info: strawberry.Info, input: OrderPlaceInput) -> OrderPlacePayload:
        refuse_strangers(info)
        if input.cart_token != "cart-of-ada":
            problem = Problem(code="NOT_FOUND", message="There is no such cart.")
            return OrderPlacePayload(errors=[problem])
        return OrderPlacePayload(order=Order(number="N-1"))


api = strawberry.Schema(query=Query, mutation=Mutation)


@csrf_exempt
def graphql(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return explorer_page(request, folder=SAMPLES)
    if request.COOKIES:
        return JsonResponse({"errors": [{"message": "A cookie came along."}]})
    body: dict[str, Any] = json.loads(request.body)
    result = api.execute_sync(
        body["query"],
        variable_values=body.get("variables"),
        operation_name=body.get("operationName"),
        context_value={"authorization": request.headers.get("Authorization", "")},
    )
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    return JsonResponse(answer)


urlpatterns = [path("graphql/", graphql), path("admin/", admin.site.urls)]
