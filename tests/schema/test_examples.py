"""The examples of GraphiQL, played one after the other as a newcomer does, over HTTP."""

from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog.models import ImageUpload, Review
from checkout.models import Order
from checkout.sandbox import Sandbox
from schema.explorer import examples
from shop import settings as shop_settings
from tests.client import post
from tests.schema.whole_inputs import picture

ORIGIN = "http://testserver"


def send(form: dict[str, Any], file: SimpleUploadedFile) -> int:
    """Send the file as a page does that was given the form; the status of the answer."""
    fields = {field["name"]: field["value"] for field in form["fields"]}
    status: int = Client().post(urlsplit(form["url"]).path, fields | {"file": file}).status_code
    return status


@pytest.mark.long
def test_they_lead_from_browsing_to_a_paid_delivered_reviewed_order(
    stripe: Sandbox,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.RETURN_ORIGINS = [ORIGIN]
    settings.RATE_LIMITS = shop_settings.RATE_LIMITS  # as everybody has them
    call_command("demo", "--force", "--no-pictures", stdout=StringIO())
    before = Order.objects.count(), Review.objects.count()

    file = picture("blue")
    kept: dict[str, object] = {"origin": ORIGIN, "pictureSize": file.size}
    for example in examples.load():
        assert examples.missing(example, kept) == [], example.name
        headers = examples.headers(example, kept)
        with django_capture_on_commit_callbacks(execute=True):
            answer = post(example.document, examples.filled(example, kept), headers=headers)
        assert not examples.refused(answer.body), (example.name, answer.body)
        kept = examples.keep(example, answer.body, kept)
        if form := examples.form(example, answer.body):
            assert send(form, file) == 204
        if "sessionId" in example.keeps:  # what a person does on the page that was opened
            stripe.pay(str(kept["sessionId"]))

    assert not ImageUpload.objects.filter(completed_at=None).exists()
    bought = Order.objects.filter(status=Order.Status.COMPLETED).latest("placed_at")
    assert bought.user is not None
    assert bought.user.email == "customer@example.com"
    assert Review.objects.filter(author=bought.user, verified=True).exists()
    assert (Order.objects.count(), Review.objects.count()) == (before[0] + 3, before[1] + 1)
    by_stripe = Order.objects.get(payments__session_id=kept["sessionId"])
    assert by_stripe.payment_status == Order.PaymentStatus.PARTIALLY_REFUNDED
