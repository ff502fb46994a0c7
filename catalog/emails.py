"""What is sent to those who asked for an alert, after the commit."""

from django.conf import settings

from catalog.models import Alert
from shop import jobs, mail


@jobs.job
def back_in_stock(alert_id: int) -> None:
    """Tell that the variant can be bought again."""
    _send("back_in_stock", alert_id)


@jobs.job
def price_dropped(alert_id: int) -> None:
    """Tell what the product costs now."""
    _send("price_dropped", alert_id)


def _send(template: str, alert_id: int) -> None:
    """Nothing for an alert that was ended, or whose product is no longer shown; and nothing for
    an account that was closed, or whose address is no longer proven to be its user's.
    """
    found = Alert.objects.select_related("user", "product", "variant").filter(pk=alert_id).first()
    if found is None or not found.product.is_public:
        return
    if not found.user.is_active or found.user.email_verified_at is None:
        return
    storefront = settings.STOREFRONT_URL
    mail.send(
        f"catalog/emails/{template}",
        to=found.user.email,
        alert=found,
        product=found.product,
        variant=found.variant,
        link=f"{storefront}/products/{found.product.slug}" if storefront else "",
        alerts_link=f"{storefront}/account/alerts" if storefront else "",
    )
