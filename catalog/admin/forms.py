"""The forms of products, variants and pictures, and what they say to the domain."""

from typing import Any

from django import forms

from catalog.admin.fields import CategoryField, PairsField, PicturesField, PriceField
from catalog.attributes import Named
from catalog.drafts import VariantDraft
from catalog.models import Brand, Collection, Product, ProductImage, Variant
from catalog.products import ProductDraft
from shop.admin_site import RefusableForm


class NameList(forms.TextInput):
    """A text with the names that there are as suggestions."""

    template_name = "admin/catalog/product/name_list.html"

    def __init__(self) -> None:
        super().__init__(attrs={"list": "brand-names", "class": "vTextField"})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["suggestions"] = Brand.objects.values_list("name", flat=True)[:1000]
        return context


class ProductForm(RefusableForm):
    """A product without its variants."""

    maker = forms.CharField(
        label="Brand", required=False, widget=NameList, help_text="A new name makes a new brand."
    )
    category = CategoryField()
    kept_in = forms.ModelMultipleChoiceField(
        Collection.objects.order_by("name"),
        label="Collections",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    attributes = PairsField(
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Material: Oak", "cols": 50}),
        help_text="One “Name: value” a line. Buyers filter by them; new ones are made.",
    )
    pictures = PicturesField(
        label="Add pictures", help_text="JPEG, PNG or WebP, up to 10 MB each, 10 at once."
    )

    names = {"brand": "maker", "category_id": "category", "collection_ids": "kept_in"}
    # Django looks here for what the domain calls differently.
    renamed = {"maker": "brand", "kept_in": "collections"}

    class Meta:
        model = Product
        fields = (
            *("name", "slug", "description", "category", "status", "published_at"),
            *("tax_class", "seo_title", "seo_description"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product = self.instance
        if "slug" in self.fields and product.pk is None:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = "The end of its address; made from the name when blank."
        if product.pk is None:
            return
        described = product.described_by.select_related("value__attribute")
        self.initial = {
            **self.initial,
            "maker": product.brand.name if product.brand else "",
            "kept_in": list(product.places.values_list("collection_id", flat=True)),
            "attributes": [Named(row.value.attribute.name, row.value.value) for row in described],
        }

    def changes(self) -> dict[str, Any]:
        """What was changed, as `catalog.products.update` takes it."""
        return {
            self.renamed.get(name, name): self.cleaned_data[name]
            for name in self.changed_data
            if name != "pictures"
        }

    def draft(self, variants: list[VariantDraft]) -> ProductDraft:
        """What was entered, as `catalog.products.create` takes it."""
        entered = {name: value for name, value in self.cleaned_data.items() if name != "pictures"}
        values = {self.renamed.get(name, name): value for name, value in entered.items()}
        return ProductDraft(**values, variants=variants)


class VariantForm(RefusableForm):
    """A variant with its prices as people write them, and for a new one its first stock."""

    price = PriceField()
    compare_at_price = PriceField(label="Former price", required=False)
    options = PairsField(
        help_text="One “Name: value” a line; they tell a product's variants apart."
    )
    units = forms.IntegerField(label="Stock", required=False, min_value=0, initial=0)
    weight_grams = forms.IntegerField(label="Weight (g)", required=False, min_value=0)

    names = {"stock": "units"}

    class Meta:
        model = Variant
        fields = ("sku", "name", "barcode", "requires_shipping", "track_stock", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        variant = self.instance
        if variant.pk is None:
            return
        self.fields["units"].disabled = True  # of what is there the stock page takes care
        former = variant.compare_at_price
        self.initial = {
            **self.initial,
            "price": variant.price.amount,
            "compare_at_price": former.amount if former else None,
            "options": offered(variant),
            "units": variant.stock if variant.track_stock else None,
            "weight_grams": variant.weight_g,
        }

    def changes(self) -> dict[str, Any]:
        """What was changed, as `catalog.variants.update` takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "DELETE"}

    def draft(self) -> VariantDraft:
        """What was entered, as `catalog.variants.create` takes it."""
        known = VariantDraft.__dataclass_fields__
        values = {name: value for name, value in self.cleaned_data.items() if name in known}
        return VariantDraft(**values, stock=self.cleaned_data["units"] or 0)


def offered(variant: Variant) -> list[Named]:
    """The options as they were read with the variant."""
    chosen = sorted(variant.chosen.all(), key=lambda option: (option.position, option.pk))
    return [Named(option.attribute.name, option.value.value) for option in chosen]


class ImageForm(RefusableForm):
    """What is said of a picture, and its place."""

    variant = forms.ModelChoiceField(Variant.objects.none(), required=False)

    names = {"variant_id": "variant"}

    class Meta:
        model = ProductImage
        fields = ("alt", "variant", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "variant" in self.fields and self.instance.pk:
            field: Any = self.fields["variant"]
            field.queryset = Variant.objects.live().filter(product=self.instance.product_id)

    def changes(self) -> dict[str, Any]:
        """What was changed, as `catalog.images.update` takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "DELETE"}
