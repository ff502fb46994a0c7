"""What a list of orders can be narrowed by, in the API and in the admin."""

from django.db.models import Q, QuerySet
from django_filters import CharFilter, FilterSet, IsoDateTimeFilter, MultipleChoiceFilter

from checkout.models import Order


class OrderFilterSet(FilterSet):
    """AND between the fields, OR within a list of values."""

    status = MultipleChoiceFilter(choices=Order.Status.choices)
    payment_status = MultipleChoiceFilter(choices=Order.PaymentStatus.choices)
    fulfilment_status = MultipleChoiceFilter(choices=Order.FulfilmentStatus.choices)
    search = CharFilter(method="by_words")
    placed_from = IsoDateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_to = IsoDateTimeFilter(field_name="placed_at", lookup_expr="lt")
    updated_from = IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")

    class Meta:
        model = Order
        fields: list[str] = []

    def by_words(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Every word in the number, the address or a line's article number."""
        for word in value.split():
            rows = rows.filter(
                Q(number__icontains=word)
                | Q(email__icontains=word)
                | Q(pk__in=Order.objects.filter(lines__sku__iexact=word).values("pk"))
            )
        return rows
