"""When a buyer was last mailed the way to an order."""

from django.db import models

from checkout.models.orders import Order


class LinkMail(models.Model):
    """That an order's link was mailed on request: so that nobody fills a buyer's mailbox."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="link_mail")
    sent_at = models.DateTimeField(null=True)  # null: not yet, or the last attempt failed
