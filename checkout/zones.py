"""Which countries a zone has."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from checkout.models import ShippingCountry, ShippingZone
from shop.errors import Refused


@transaction.atomic
def save_countries(zone: ShippingZone, codes: Collection[str]) -> None:
    """Let a zone have just these countries, by their ISO 3166-1 alpha-2 codes.

    Raises:
        Refused: ALREADY_EXISTS for a country that another zone has.
    """
    kept = set(zone.countries.values_list("country", flat=True))
    zone.countries.exclude(country__in=codes).delete()
    new = [ShippingCountry(zone=zone, country=code) for code in sorted({*codes} - kept)]
    try:
        with transaction.atomic():
            ShippingCountry.objects.bulk_create(new)
    except IntegrityError:
        raise taken(zone, codes) from None


def taken(zone: ShippingZone, codes: Collection[str]) -> Refused:
    rows = ShippingCountry.objects.filter(country__in=codes).exclude(zone=zone.pk)
    found = [f"{row.country} is in “{row.zone}”" for row in rows.select_related("zone")]
    message = f"A country is in one zone only: {', '.join(found) or 'somebody was faster'}."
    return Refused("ALREADY_EXISTS", message, "countries")
