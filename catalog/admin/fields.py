"""Form fields of the catalogue's pages."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.forms.models import ModelChoiceIterator

from catalog.attributes import Named
from catalog.models import Category
from shop import money


class PriceField(forms.DecimalField):
    """An amount in units of the shop's currency; the domain makes minor units of it."""

    def __init__(self, *, label: str = "Price", required: bool = True, **options: Any) -> None:
        currency = settings.SHOP_CURRENCY
        step = money.Money(money.multiple(currency), currency).amount
        widget = forms.NumberInput(attrs={"step": str(step), "min": "0", "class": "vPrice"})
        super().__init__(
            label=f"{label} ({currency})",
            required=required,
            widget=widget,
            max_digits=20,
            **options,
        )


class PairsField(forms.CharField):
    """Names and values, a line each: `Colour: Red`. An empty field stands for none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "widget", forms.Textarea(attrs={"rows": 2, "placeholder": "Colour: Red"})
        )
        super().__init__(required=False, max_length=5000, **options)

    def to_python(self, value: Any) -> list[Named]:  # type: ignore[override]
        lines = (super().to_python(value) or "").splitlines()
        parts = [line.partition(":") for line in lines if line.strip()]
        if wrong := [name for name, colon, _ in parts if not colon]:
            raise forms.ValidationError(f"Write “Name: value” instead of “{wrong[0]:.40}”.")
        return [Named(name.strip(), text.strip()) for name, _, text in parts]

    def run_validators(self, value: Any) -> None:
        super().run_validators(self.prepare_value(value))

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else lines_of(value or [])

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != list(initial or [])
        except forms.ValidationError:
            return True


def lines_of(pairs: Iterable[Named]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs)


class PicturesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Any number of files, unread: `catalog.images` looks at them."""

    def __init__(self, **options: Any) -> None:
        widget = PicturesInput(attrs={"accept": "image/jpeg,image/png,image/webp"})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [file for file in data or [] if file]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)


class TreeIterator(ModelChoiceIterator):
    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        for row in in_tree_order(self.queryset):
            yield self.choice(row)


class CategoryField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no parameters at run time
    """One of the categories, shown as a tree."""

    iterator = TreeIterator

    def __init__(self, **options: Any) -> None:
        super().__init__(Category.objects.all(), **{"required": False} | options)

    def label_from_instance(self, obj: Category) -> str:
        return indented(obj)


def indented(category: Category) -> str:
    return "\u2003" * len(category.ancestor_ids) + category.name


def in_tree_order(rows: Iterable[Category]) -> list[Category]:
    """Each category behind the one that it stands under; siblings in their own order."""
    by_id = {row.pk: row for row in rows}

    def place(row: Category) -> list[tuple[int, int]]:
        steps = (*row.ancestor_ids, row.pk)
        return [(by_id[pk].position if pk in by_id else 0, pk) for pk in steps]

    return sorted(by_id.values(), key=place)
