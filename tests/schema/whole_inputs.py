"""For every mutation an input that is taken, with all its fields, and somebody who may send it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from catalog import alerts, uploads
from catalog.models import Collection, Product, ProductImage, Review
from checkout import access, returns
from checkout.models import Cart, Order
from checkout.quotes import Wish
from schema import ids
from shop import storages
from tests.checkout import states
from tests.checkout.buying import ADDRESS, lines_of, place
from tests.checkout.carting import guest_cart
from tests.checkout.paying import SHOP, opened
from tests.checkout.paying import order as order_by_stripe
from tests.factories import (
    PASSWORD,
    make_category,
    make_product,
    make_user,
    make_variant,
)
from users import addresses, one_time, tokens
from users.models import User

Case = tuple[User | None, dict[str, Any]]
FULL_ADDRESS = ADDRESS | {
    "company": "Analytical", "line2": "2nd floor", "region": "London", "phone": "+44 20 1234",
}  # fmt: skip
TEXT = "Plain and short."


def boss() -> User:
    """Staff who may do everything."""
    return make_user(is_staff=True, is_superuser=True)


def picture(colour: str = "red") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (4, 4), colour).save(out, "PNG")
    return SimpleUploadedFile("x.png", out.getvalue())


def variant_input() -> dict[str, Any]:
    return {
        "sku": "NEW-1", "price": "19.90", "name": "Red", "compareAtPrice": "29.90", "stock": 3,
        "options": [{"name": "Colour", "value": "Red"}], "weightGrams": 100, "barcode": "4006381",
        "requiresShipping": True, "trackStock": True,
    }  # fmt: skip


def product_input() -> dict[str, Any]:
    return {
        "name": "Desk lamp", "slug": "desk-lamp", "description": TEXT, "brand": "Nordlys",
        "categoryId": ids.of(make_category()), "status": "ACTIVE",
        "publishedAt": "2026-01-01T00:00:00Z", "attributes": [{"name": "Wood", "value": "Oak"}],
        "collectionIds": [ids.of(collection())], "taxClass": "REDUCED", "seoTitle": "Lamp",
        "seoDescription": TEXT,
    }  # fmt: skip


def collection() -> Collection:
    return Collection.objects.create(name="Gifts", slug="gifts")


def image(product: Product) -> ProductImage:
    return ProductImage.objects.create(
        product=product, file="a.webp", width=80, height=60, bytes=1, mime="image/webp",
        checksum="x"
    )  # fmt: skip


def filled_cart() -> tuple[Cart, str]:
    return guest_cart(Wish(make_variant().pk, 2), email="ada@example.com")


def cart_input() -> dict[str, Any]:
    return {
        "lines": lines_of({make_variant(): 2}), "email": "ada@example.com",
        "shippingAddress": FULL_ADDRESS, "billingAddress": FULL_ADDRESS, "note": TEXT,
        "shippingOptionId": None,
    }  # fmt: skip


def by_boss(input: dict[str, Any]) -> Case:
    return boss(), input


def by_buyer(input: dict[str, Any]) -> Case:
    return make_user(), input


def account(**more: Any) -> dict[str, Any]:
    return {"firstName": "Ada", "lastName": "King", "phone": "+44 1"} | more


def password_change() -> Case:
    return by_buyer({"currentPassword": PASSWORD, "newPassword": "another horse battery"})


def password_reset() -> Case:
    code = one_time.issue(make_user(), one_time.Purpose.PASSWORD_RESET)
    return None, {"token": code, "newPassword": "another horse battery"}


def email_code() -> dict[str, Any]:
    return {"token": one_time.issue(make_user(), one_time.Purpose.EMAIL_VERIFICATION)}


def refresh_token() -> dict[str, Any]:
    return {"refreshToken": tokens.issue(make_user()).refresh_token}


def address_of_buyer(**more: Any) -> Case:
    buyer = make_user()
    return buyer, {"id": ids.of(addresses.create(buyer, ADDRESS))} | more


def variant_update() -> Case:
    input = variant_input() | {"id": ids.of(make_variant()), "position": 0}
    del input["stock"]
    return by_boss(input)


def stock_adjust() -> Case:
    change = {"variantId": ids.of(make_variant(stock=4)), "delta": -1, "expected": 4}
    return by_boss({"changes": [change], "reason": "Counted"})


def category_input(**more: Any) -> dict[str, Any]:
    parent = ids.of(make_category())
    cover = {"image": picture(), "imageAlt": TEXT}
    given = {"name": "Desks", "slug": "desks", "description": TEXT, "parentId": parent}
    return given | cover | more


def collection_input(**more: Any) -> dict[str, Any]:
    products = [ids.of(make_product()), ids.of(make_product())]
    given = {"name": "New", "slug": "new", "description": TEXT, "productIds": products}
    return given | {"image": picture(), "imageAlt": TEXT} | more


def image_update() -> Case:
    variant = make_variant()
    row = image(variant.product)
    return by_boss({"id": ids.of(row), "alt": TEXT, "position": 0, "variantId": ids.of(variant)})


def upload() -> Case:
    return by_boss({"productId": ids.of(make_product()), "files": [picture()], "alt": TEXT})


def upload_create() -> Case:
    file = {"filename": "x.png", "contentType": "image/png", "size": 1000}
    return by_boss({"productId": ids.of(make_product())} | file)


def upload_complete() -> Case:
    user, file = boss(), picture()
    offer = uploads.create(
        make_product(), filename="x.png", mime="image/png", size=file.size or 0, user=user
    )
    storages.private().save(offer.upload.key, file)
    return user, {"uploadId": str(offer.upload.pk), "alt": TEXT}


def reader() -> User:
    """Somebody who has proven to read mail to their address."""
    return make_user(email_verified_at=timezone.now())


def alert_delete() -> Case:
    user = reader()
    return user, {"id": ids.of(alerts.on_stock(user, make_variant(stock=0)))}


def review() -> Review:
    author = make_user()
    return Review.objects.create(product=make_product(), author=author, rating=4)


def review_delete() -> Case:
    row = review()
    return row.author, {"productId": ids.of(row.product)}


def cart_lines(name: str, *, remove: bool = False) -> Case:
    cart, token = filled_cart()
    line = ids.of(cart.lines.get())
    return None, {"cartToken": token, name: [line] if remove else [{"id": line, "quantity": 3}]}


def cart_update() -> Case:
    input = cart_input() | {"cartToken": filled_cart()[1], "discountCodes": ["SPRING"]}
    del input["lines"]
    return None, input


def order_place(**what: Any) -> Case:
    terms = {
        "paymentMethod": "BANK_TRANSFER",
        "expectedTotal": "20.00",
        "idempotencyKey": "5b0e0c3e-6f5c-4a39-9a26-0b8a45fe4a51",
    }
    return by_buyer(what | terms)


def order(state: str, **more: Any) -> Case:
    return by_boss({"orderId": ids.of(states.WAYS[state](None))} | more)


def fulfil() -> Case:
    row = states.WAYS["paid"](None)
    lines = [{"lineId": ids.of(row.lines.get()), "quantity": 1}]
    parcel = {"carrier": "DHL", "trackingNumber": "1", "trackingUrl": "https://example.com/1"}
    once = {"idempotencyKey": "5b0e0c3e-6f5c-4a39-9a26-0b8a45fe4a52"}
    return by_boss({"orderId": ids.of(row), "lines": lines} | parcel | once)


def deliver() -> Case:
    row = states.WAYS["paid, sent"](None)
    return by_boss({"orderId": ids.of(row), "fulfilmentId": ids.of(row.fulfilments.get())})


def cancel_by_guest() -> Case:
    row = place({make_variant(): 2})
    input = {"orderId": ids.of(row), "accessToken": access.token_for(row), "reason": TEXT}
    return None, input


def order_link() -> Case:
    row = place({make_variant(): 1})
    return None, {"number": row.number, "email": row.email}


def session_create() -> Case:
    row = order_by_stripe()
    face = {"ui": "HOSTED", "successUrl": f"{SHOP}/paid", "cancelUrl": f"{SHOP}/cart"}
    return None, {"orderId": ids.of(row), "accessToken": access.token_for(row)} | face


def session_sync() -> Case:
    row = order_by_stripe()
    return None, {"sessionId": opened(row).id, "accessToken": access.token_for(row)}


def refund(**what: Any) -> Case:
    row = states.WAYS["paid"](None)
    lines = [{"lineId": ids.of(row.lines.get()), "quantity": 1, "restock": True}]
    key = "7f1c2f3e-6f5c-4a39-9a26-0b8a45fe4a51"
    return by_boss(
        {"orderId": ids.of(row), "lines": lines, "reason": TEXT, "idempotencyKey": key} | what
    )


def lines_cancel() -> Case:
    row = states.WAYS["paid"](None)
    lines = [{"lineId": ids.of(row.lines.get()), "quantity": 1}]
    key = "1b0e0c3e-6f5c-4a39-9a26-0b8a45fe4a52"
    whole = {"orderId": ids.of(row), "lines": lines, "reason": TEXT, "idempotencyKey": key}
    return by_boss(whole)


def return_request() -> Case:
    row = states.WAYS["paid, sent"](None)
    lines = [{"lineId": ids.of(row.lines.get()), "quantity": 1}]
    by = {"accessToken": access.token_for(row)}
    return None, {"orderId": ids.of(row), "lines": lines, "reason": TEXT} | by


def return_id(*, approved: bool = False) -> dict[str, Any]:
    row = states.WAYS["paid, sent"](None)
    made = returns.request(row.pk, [(row.lines.get().pk, 1)], reason="", actor=None)
    if approved:
        returns.approve(made.pk, note="", actor=boss())
    return {"returnId": ids.of(made)}


def return_cancel() -> Case:
    input = return_id()
    return None, input | {"accessToken": access.token_for(Order.objects.latest("pk"))}


def order_update() -> Case:
    places = {"shippingAddress": FULL_ADDRESS, "billingAddress": FULL_ADDRESS}
    return order("paid", email="new@example.com", note=TEXT, **places)


def order_place_for() -> Case:
    _, input = order_place(cart=cart_input())
    return by_boss(input | {"customerId": ids.of(make_user())})


def paid_by_guest() -> Case:
    row = states.WAYS["paid"](None)
    return None, {"orderId": ids.of(row), "accessToken": access.token_for(row)}


# Of some mutations two inputs, as not all of their fields go together.
INPUTS: dict[str, Callable[[], Case]] = {
    "accountRegister": lambda: (
        None,
        account(email="new@example.com", password="a long enough phrase", marketingConsent=True),
    ),
    "accountUpdate": lambda: by_buyer(account(marketingConsent=True)),
    "accountDelete": lambda: by_buyer({"password": PASSWORD}),
    "emailVerificationRequest": lambda: (None, {"email": make_user().email}),
    "emailVerify": lambda: (None, email_code()),
    "emailChangeRequest": lambda: by_buyer({"newEmail": "other@example.com", "password": PASSWORD}),
    "tokenCreate": lambda: (None, {"email": make_user().email, "password": PASSWORD}),
    "tokenRefresh": lambda: (None, refresh_token()),
    "tokenRevoke": lambda: by_buyer(refresh_token()),
    "tokenRevoke/everywhere": lambda: by_buyer({"everywhere": True}),
    "passwordChange": password_change,
    "passwordResetRequest": lambda: (None, {"email": make_user().email}),
    "passwordReset": password_reset,
    "addressCreate": lambda: by_buyer(
        {"address": FULL_ADDRESS, "isDefaultShipping": True, "isDefaultBilling": True}
    ),
    "addressUpdate": lambda: address_of_buyer(
        address=FULL_ADDRESS, isDefaultShipping=True, isDefaultBilling=False
    ),
    "addressDelete": address_of_buyer,
    "productCreate": lambda: by_boss(product_input() | {"variants": [variant_input()]}),
    "productUpdate": lambda: by_boss(product_input() | {"id": ids.of(make_variant().product)}),
    "productDelete": lambda: by_boss({"id": ids.of(make_variant().product)}),
    "variantCreate": lambda: by_boss(
        {"productId": ids.of(make_product()), "variant": variant_input()}
    ),
    "variantUpdate": variant_update,
    "variantDelete": lambda: by_boss(
        {"id": ids.of(make_variant(product=make_variant().product))}
    ),
    "stockAdjust": stock_adjust,
    "categoryCreate": lambda: by_boss(category_input()),
    "categoryUpdate": lambda: by_boss(category_input(id=ids.of(make_category()))),
    "categoryDelete": lambda: by_boss({"id": ids.of(make_category())}),
    "collectionCreate": lambda: by_boss(collection_input()),
    "collectionUpdate": lambda: by_boss(collection_input(id=ids.of(collection()))),
    "collectionUpdate/members": lambda: by_boss(
        {
            "id": ids.of(collection()),
            "addProductIds": [ids.of(make_product())],
            "removeProductIds": [ids.of(make_product())],
        }
    ),
    "collectionDelete": lambda: by_boss({"id": ids.of(collection())}),
    "productImagesUpload": upload,
    "productImageUploadCreate": upload_create,
    "productImageUploadComplete": upload_complete,
    "productImageUpdate": image_update,
    "productImageDelete": lambda: by_boss({"id": ids.of(image(make_product()))}),
    "reviewUpsert": lambda: by_buyer(
        {"productId": ids.of(make_product()), "rating": 4, "title": "Good", "body": TEXT}
    ),
    "reviewDelete": review_delete,
    "reviewModerate": lambda: by_boss({"id": ids.of(review()), "status": "REJECTED"}),
    "reviewVote": lambda: by_buyer({"reviewId": ids.of(review()), "helpful": True}),
    "wishlistAdd": lambda: by_buyer({"productId": ids.of(make_product())}),
    "wishlistRemove": lambda: by_buyer({"productId": ids.of(make_product())}),
    "stockAlertCreate": lambda: (reader(), {"variantId": ids.of(make_variant(stock=0))}),
    "priceAlertCreate": lambda: (
        reader(), {"productId": ids.of(make_variant().product), "belowPrice": "9.99"}
    ),
    "alertDelete": alert_delete,
    "cartCreate": lambda: (None, cart_input() | {"discountCodes": ["SPRING"]}),
    "cartLinesAdd": lambda: (
        None, {"cartToken": filled_cart()[1], "lines": lines_of({make_variant(): 1})}
    ),
    "cartLinesUpdate": lambda: cart_lines("lines"),
    "cartLinesRemove": lambda: cart_lines("lineIds", remove=True),
    "cartUpdate": cart_update,
    "cartClaim": lambda: by_buyer({"cartToken": filled_cart()[1]}),
    "orderPlace": lambda: order_place(cart=cart_input()),
    "orderPlace/by token": lambda: order_place(cartToken=filled_cart()[1]),
    "orderMarkPaid": lambda: order("awaiting transfer", reference="B-1"),
    "orderFulfil": fulfil,
    "orderDeliver": deliver,
    "orderCancel": lambda: order("paid", reason="No longer wanted"),
    "orderCancel/by a guest": cancel_by_guest,
    "orderDelete": lambda: order("cancelled"),
    "orderUpdate": order_update,
    "orderPlaceFor": order_place_for,
    "reorder": paid_by_guest,
    "orderInvoice": paid_by_guest,
    "orderLinkRequest": order_link,
    "orderLinesCancel": lines_cancel,
    "returnRequest": return_request,
    "returnCancel": return_cancel,
    "returnApprove": lambda: by_boss(return_id() | {"note": TEXT}),
    "returnReject": lambda: by_boss(return_id() | {"reason": TEXT}),
    "returnReceive": lambda: by_boss(
        return_id(approved=True) | {"restock": True, "refund": True}
    ),
    "checkoutSessionCreate": session_create,
    "checkoutSessionSync": session_sync,
    "orderRefund": refund,
    "orderRefund/by amount": lambda: refund(amount="1.00", lines=None),
}  # fmt: skip
