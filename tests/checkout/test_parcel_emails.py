"""What buyers get to read about their parcels."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core import mail
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from checkout import fulfilments
from shop.errors import Refused
from tests.checkout.buying import at_once
from tests.checkout.test_fulfilments import fulfil, refused, two_lines
from tests.factories import make_staff

Callbacks = DjangoCaptureOnCommitCallbacks


def mails(callbacks: Callbacks, step: Callable[[], object]) -> list[tuple[str, str, str]]:
    """Subject, text and HTML of each mail that a step sends after its commit."""
    before = len(mail.outbox)
    with callbacks(execute=True):
        step()
        assert len(mail.outbox) == before
    return [
        (str(one.subject), str(one.body), str(one.alternatives[0][0]))  # type: ignore[union-attr]
        for one in mail.outbox[before:]
    ]


def test_the_buyer_reads_what_was_sent_and_how_it_travels(
    django_capture_on_commit_callbacks: Callbacks,
) -> None:
    order, first, second = two_lines()
    url = "https://example.com/?a=1&b=2"

    ((subject, text, html),) = mails(
        django_capture_on_commit_callbacks,
        partial(
            fulfil, order, [(first.pk, 2)],
            carrier="D & H", tracking_number="<42>", tracking_url=url,
        ),
    )  # fmt: skip

    assert subject == f"Your order {order.number} is on its way"
    assert mail.outbox[0].to == [order.email]
    assert f"  2 x {first.name}\n" in text
    assert f"2 × {first.name}" in html
    assert second.name not in text + html
    for words in ("Carrier: D & H\n", "Tracking number: <42>\n", f"Follow the parcel: {url}\n"):
        assert words in text
    for words in ("D &amp; H", "&lt;42&gt;", 'href="https://example.com/?a=1&amp;b=2"'):
        assert words in html


def test_without_tracking_none_is_told(django_capture_on_commit_callbacks: Callbacks) -> None:
    order, *_ = two_lines()

    ((_, text, html),) = mails(django_capture_on_commit_callbacks, partial(fulfil, order))

    for words in ("Carrier", "Tracking", "Follow"):
        assert words not in text + html


def test_each_parcel_s_arrival_is_told_once(
    django_capture_on_commit_callbacks: Callbacks, settings: Settings
) -> None:
    settings.RETURN_DAYS = 14
    order, first, second = two_lines()
    fulfil(order, [(first.pk, 1)])
    fulfil(order, [(first.pk, 2)])
    fulfil(order, [(second.pk, 1)])
    parcel = order.fulfilments.all()[0].pk
    arrive = partial(fulfilments.deliver, order.pk, actor=make_staff())

    one = mails(django_capture_on_commit_callbacks, partial(arrive, fulfilment_id=parcel))
    rest = mails(django_capture_on_commit_callbacks, partial(arrive, fulfilment_id=None))

    assert {subject for subject, _, _ in one + rest} == {f"Your order {order.number} has arrived"}
    told = [text.split("was delivered:\n")[1].split("\n\n")[0] for _, text, _ in one + rest]
    assert [words.strip() for words in told] == [
        f"1 x {first.name}",
        f"2 x {first.name}",
        f"1 x {second.name}",
    ]
    assert "within 14 days" in one[0][1]
    assert "within 14 days" in one[0][2]


def test_a_shop_that_takes_nothing_back_does_not_offer_it(
    django_capture_on_commit_callbacks: Callbacks, settings: Settings
) -> None:
    settings.RETURN_DAYS = 0
    order = fulfil(two_lines()[0])
    arrive = partial(fulfilments.deliver, order.pk, fulfilment_id=None, actor=make_staff())

    ((_, text, html),) = mails(django_capture_on_commit_callbacks, arrive)

    assert "return" not in text + html


def test_what_was_refused_is_not_mailed(django_capture_on_commit_callbacks: Callbacks) -> None:
    order, first, _ = two_lines()

    with django_capture_on_commit_callbacks(execute=True) as waiting:
        refused(order, [(first.pk, 4)])
        with pytest.raises(Refused):
            fulfilments.deliver(order.pk, fulfilment_id=None, actor=make_staff())

    assert waiting == []
    assert mail.outbox == []


@pytest.mark.transactional
def test_two_who_note_an_arrival_at_once_mail_it_once() -> None:
    order = fulfil(two_lines()[0])
    arrive = partial(fulfilments.deliver, order.pk, fulfilment_id=None, actor=make_staff())
    mail.outbox.clear()

    answers = at_once(*[arrive] * 4)

    assert answers.count("INVALID_STATE") == 3
    assert [one.subject for one in mail.outbox] == [f"Your order {order.number} has arrived"]
