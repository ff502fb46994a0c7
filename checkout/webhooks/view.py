"""POST in, status out: the only REST view of the shop, for Stripe."""

import logging

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from checkout.webhooks import apply, verify

log = logging.getLogger(__name__)


@csrf_exempt  # Stripe has no cookie; its signature is the proof
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Answer 400 to what is not Stripe's, 204 to the rest; a failure of ours is a 500.

    Stripe comes again after a 500, for up to three days:
    https://docs.stripe.com/webhooks#automatic-retries.
    """
    try:
        event = verify.event_from(body_of(request), request.headers.get("Stripe-Signature", ""))
    except verify.NotFromStripe as reason:
        log.warning("A webhook call was refused: %s.", reason)
        return HttpResponse(status=400)
    in_line = not apply.concerns(event) or apply.follow(event)
    return HttpResponse(status=204 if in_line else 500)


def body_of(request: HttpRequest) -> bytes:
    """Raises NotFromStripe for a body that is too large or breaks off."""
    try:
        return request.body
    except (RequestDataTooBig, UnreadablePostError, RawPostDataException):
        raise verify.NotFromStripe("too large or broken off") from None
