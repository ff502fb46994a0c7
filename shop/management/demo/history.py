"""What happened in the demo shop: customers, their orders in every state, and what they say.

Every state is reached as it is in a real shop, by the functions that the API calls; only the
instants are then moved into the past, so that it looks lived in.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from catalog import reviews
from catalog.models import Product, Review, Variant
from checkout import endings, fulfilments, orders, placement
from checkout.fulfilments import Parcel
from checkout.models import Order
from checkout.models.orders import PaymentMethod
from checkout.quotes import Wish
from shop.management.demo import assortment
from shop.management.demo.accounts import PASSWORD
from users import addresses
from users.models import Address, User

TRANSFER, CASH = PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH_ON_DELIVERY
MOST_DAYS_AGO = 90


def load(staff: User) -> None:
    """Make what is not there yet. The same shop every time: the dice are loaded."""
    people = [customer(row) for row in assortment.load().customers]
    buyers = [*people, User.objects.get(email="customer@example.com")]
    for number in range(3 * len(STORIES)):
        tell(number, buyers[number * 5 % len(buyers)], staff)
    write_reviews(people)


def customer(row: assortment.Customer) -> User:
    found = User.objects.filter(email=row.email).first()
    if found:
        return found
    user = User.objects.create_user(
        row.email, PASSWORD, first_name=row.first_name, last_name=row.last_name, phone=row.phone
    )
    addresses.create(user, address_of(row), is_default_shipping=True, is_default_billing=True)
    return user


def address_of(row: assortment.Customer) -> dict[str, str]:
    named = {name: getattr(row, name) for name in Address.POSTAL if hasattr(row, name)}
    return {**named, "name": f"{row.first_name} {row.last_name}"}


def tell(number: int, buyer: User, staff: User) -> None:
    """Place the n-th order and let its story happen, unless it happened before."""
    note = f"Order {number + 1} of the demo"
    if Order.objects.filter(note=note).exists():
        return
    dice = Random(note)
    title, method, story = STORIES[number % len(STORIES)]
    with transaction.atomic():
        order = place(buyer, method, note, dice)
        story(order, staff)
        if title not in RECENT:
            move_back(order.pk, days=dice.randint(8, MOST_DAYS_AGO))


def place(buyer: User, method: PaymentMethod, note: str, dice: Random) -> Order:
    skus = sorted(
        variant.sku
        for row in assortment.load().products
        if row.status == "ACTIVE" and row.published_in_days < 0
        for variant in row.variants
        if variant.stock > 12
    )
    chosen = Variant.objects.filter(sku__in=dice.sample(skus, dice.randint(2, 4))).order_by("pk")
    home = buyer.addresses.first()
    postal = {name: getattr(home, name) for name in Address.POSTAL} if home else {}
    return placement.place_wishes(
        [Wish(variant.pk, dice.randint(1, 2)) for variant in chosen],
        {"shipping_address": postal or None, "note": note},
        placement.Terms(method=method, user=buyer),
    )


def untouched(order: Order, staff: User) -> None:
    """Nothing has happened yet."""


def pay(order: Order, staff: User) -> None:
    orders.mark_paid(order.pk, reference=f"Statement {order.pk % 90 + 10}", actor=staff)


def send(order: Order, staff: User) -> None:
    parcel = Parcel("Parcel Post", f"PP{order.number.replace('-', '')}")
    fulfilments.fulfil(order.pk, None, parcel=parcel, actor=staff)


def send_part(order: Order, staff: User) -> None:
    first = order.lines.all()[0]
    parcel = Parcel("Parcel Post", f"PP{order.number.replace('-', '')}")
    more = order.lines.count() > 1 or first.quantity > 1
    quantities = [(first.pk, 1)] if more else None
    fulfilments.fulfil(order.pk, quantities, parcel=parcel, actor=staff)


def deliver(order: Order, staff: User) -> None:
    fulfilments.deliver(order.pk, fulfilment_id=None, actor=staff)


def cancel(order: Order, staff: User) -> None:
    endings.cancel(order.pk, actor=order.user, by_staff=False, reason="Changed my mind")


def refuse(order: Order, staff: User) -> None:
    endings.cancel(order.pk, actor=staff, by_staff=True, reason="Address cannot be reached")


def lapse(order: Order, staff: User) -> None:
    """Let the hold run out: its instant has passed, and the sweep finds it."""
    Order.objects.filter(pk=order.pk).update(hold_until=timezone.now() - timedelta(days=1))
    endings.expire(order.pk)


def pay_late(order: Order, staff: User) -> None:
    lapse(order, staff)
    pay(order, staff)


Story = Callable[[Order, User], None]


def then(*steps: Story) -> Story:
    def story(order: Order, staff: User) -> None:
        for step in steps:
            step(order, staff)

    return story


STORIES: tuple[tuple[str, PaymentMethod, Story], ...] = (
    ("completed", TRANSFER, then(pay, send, deliver)),
    ("awaiting the transfer", TRANSFER, untouched),
    ("paid, to be sent", TRANSFER, pay),
    ("partly sent", TRANSFER, then(pay, send_part)),
    ("sent", TRANSFER, then(pay, send)),
    ("cash, confirmed", CASH, untouched),
    ("cash, on its way", CASH, send),
    ("cash, delivered, to be booked", CASH, then(send, deliver)),
    ("cash, completed", CASH, then(send, deliver, pay)),
    ("cancelled by the buyer", TRANSFER, cancel),
    ("cancelled by staff, refund due", TRANSFER, then(pay, refuse)),
    ("expired", TRANSFER, lapse),
    ("expired, then paid", TRANSFER, pay_late),
    ("deleted", TRANSFER, then(cancel, lambda order, staff: orders.delete(order.pk, actor=staff))),
)
RECENT = {"awaiting the transfer", "paid, to be sent", "cash, confirmed"}


def move_back(order_id: int, *, days: int) -> None:
    """Make it look as if all that happened to the order happened so many days earlier."""
    ago = timedelta(days=days)
    order = Order.objects.get(pk=order_id)
    order.events.update(at=F("at") - ago)
    order.payments.update(created_at=F("created_at") - ago)
    order.fulfilments.update(shipped_at=F("shipped_at") - ago, delivered_at=F("delivered_at") - ago)
    Order.objects.filter(pk=order_id).update(
        placed_at=F("placed_at") - ago,
        paid_at=F("paid_at") - ago,
        cancelled_at=F("cancelled_at") - ago,
        deleted_at=F("deleted_at") - ago,
    )


def write_reviews(people: list[User]) -> None:
    """Several opinions on most products; nobody who has spoken already speaks again."""
    spoken = set(Review.objects.values_list("author__email", "product__slug"))
    rows = {row.slug: row for row in Product.objects.public()}
    for goods in assortment.load().products:
        if goods.slug in rows:
            for author, text in opinions(goods, people):
                if (author.email, goods.slug) not in spoken:
                    say(author, rows[goods.slug], text)


def opinions(
    goods: assortment.Product, people: list[User]
) -> Iterator[tuple[User, assortment.ReviewText]]:
    dice = Random(f"reviews {goods.slug}")
    texts = list(assortment.load().reviews_for(goods))
    count = dice.randint(0, 7)
    yield from zip(dice.sample(people, count), dice.sample(texts, count), strict=True)


def say(author: User, product: Product, text: assortment.ReviewText) -> None:
    texts = {"title": text.title, "body": text.body}
    review = reviews.upsert(author, product, rating=text.rating, texts=texts)
    ago = timedelta(days=Random(f"{author.email} {product.slug}").randint(1, MOST_DAYS_AGO))
    Review.objects.filter(pk=review.pk).update(created_at=F("created_at") - ago)
