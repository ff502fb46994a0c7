"""Reads of accounts that chain."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

if TYPE_CHECKING:
    from users.models import User


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: "User | None") -> Self:
        """All open ones for staff who may see customers; themselves for others."""
        if viewer is None:
            return self.none()
        if viewer.is_staff and viewer.has_perm("users.view_user"):
            return self.open()
        return self.filter(pk=viewer.pk)

    def open(self) -> Self:
        """Without the closed accounts, of which only a nameless row is left."""
        return self.filter(closed_at=None)

    def with_email(self, email: str) -> Self:
        """The one with that address, whatever the case; answered by the unique index."""
        return self.filter(Exact(Lower("email"), Lower(Value(email))))

    def matching(self, search: str) -> Self:
        """Those in whose address or names every one of the words occurs."""
        rows = self.all()
        for word in search.split():
            rows = rows.filter(
                Q(email__icontains=word)
                | Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
            )
        return rows
