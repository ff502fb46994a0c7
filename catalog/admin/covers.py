"""The one picture of a category or a collection, on its page.

It is read before the page's transaction begins, so that what is wrong with it is shown at its
field, and stored after the commit: no row is locked while a bucket answers.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html

from catalog import files, pictures
from catalog.models import StoredPicture
from shop.admin_site import DomainAdmin, RefusableForm, tell
from shop.errors import ShopError


@dataclass(frozen=True)
class Thumbnail:
    """What the field shows of the picture there is; Django asks for `url`."""

    url: str
    small: str


class CoverInput(forms.ClearableFileInput):
    template_name = "admin/catalog/cover.html"
    clear_checkbox_label = "Take the picture away"


class CoverField(forms.FileField):
    """A file, unread: the page has looked at it before."""

    def __init__(self) -> None:
        super().__init__(
            label="Picture",
            required=False,
            widget=CoverInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
            help_text="JPEG, PNG or WebP, up to 10 MB. A new one takes the place of the old one.",
        )

    def bound_data(self, data: Any, initial: Any) -> Any:
        """After a refusal too the page shows the picture there is."""
        return initial


class CoverForm(RefusableForm):
    picture = CoverField()
    picture_alt = forms.CharField(
        label="What it shows",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="For those who cannot see the picture.",
    )

    names = {"image": "picture", "image_alt": "picture_alt"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if row := picture_of(self.instance):
            known = {"picture": thumbnail(row), "picture_alt": row.alt}
            self.initial = {**self.initial, **known}

    def cover(self) -> dict[str, Any]:
        """What was changed of the picture, as the domain takes it; without a file sent."""
        changes: dict[str, Any] = {}
        if "picture_alt" in self.changed_data:
            changes["image_alt"] = self.cleaned_data["picture_alt"]
        if self.cleaned_data["picture"] is False:  # so Django says that the box was ticked
            changes["image"] = None
        return changes


class CoveredAdmin(DomainAdmin):
    """Pages of something with a picture."""

    list_select_related = ["image"]

    def put_cover(self, shelf: Any, changes: dict[str, Any]) -> None:
        """Have the domain take the picture, and what is said of it."""
        raise NotImplementedError

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.read(request)
        response = super().changeform_view(request, *args, **kwargs)
        shelf, changes = vars(request).pop("covered", (None, {}))
        if shelf is None:
            return response
        try:
            self.put_cover(shelf, changes)
        except ShopError as refusal:
            tell(request, refusal, "The picture was not stored")
            return HttpResponseRedirect(self.page("change", shelf.pk))
        return response

    def read(self, request: HttpRequest) -> None:
        """Make a picture of the file that was sent, or a refusal for its field."""
        file = request.FILES.get("picture")
        if not file or not (
            self.has_add_permission(request) or self.has_change_permission(request)
        ):
            return
        try:
            vars(request)["picture"] = pictures.read(file, "image")
        except ShopError as refusal:
            vars(request)["refusals"] = [refusal]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        if picture := vars(request).get("picture"):
            said = {"image": picture, "image_alt": form.cleaned_data["picture_alt"]}
            vars(request)["covered"] = form.instance, said

    # Shown in the list, and in place of the fields to those who may only look.

    @admin.display(description="")
    def picture(self, shelf: Any) -> str:
        row = picture_of(shelf)
        if row is None:
            return format_html('<span class="{}"></span>', "thumb")
        small = thumbnail(row).small
        return format_html('<img class="thumb" loading="lazy" src="{}" alt="{}">', small, row.alt)

    @admin.display(description="What it shows")
    def picture_alt(self, shelf: Any) -> str:
        row = picture_of(shelf)
        return (row and row.alt) or "–"


def picture_of(shelf: Any) -> StoredPicture | None:
    """The row, which the list has read already; a new shelf has none."""
    found: StoredPicture | None = getattr(shelf, "image", None) if shelf.pk else None
    return found


def thumbnail(row: StoredPicture) -> Thumbnail:
    return Thumbnail(files.url(row.file), files.url(files.rendition(row.file, 320, row.width)))
