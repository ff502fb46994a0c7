"""Who may call a field. Which rows they then reach is for `visible_to` to say."""

from typing import Any

from strawberry import BasePermission

from schema.context import customer
from schema.errors import Denied, Info


class IsSignedIn(BasePermission):
    """Anybody with an account."""

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return customer(info) is not None


class IsStaff(BasePermission):
    """Anybody who works here; the domain asks further where the row decides."""

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        if not customer(info).is_staff:
            raise Denied("FORBIDDEN", "Only the shop's staff may do this.")
        return True


def may(*permissions: str) -> type[BasePermission]:
    """Staff with one of those of Django's permissions, such as "catalog.add_product"."""

    class HasPermission(IsStaff):
        def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
            super().has_permission(source, info, **kwargs)
            if not any(map(customer(info).has_perm, permissions)):
                raise Denied("FORBIDDEN", f"This needs the permission {' or '.join(permissions)}.")
            return True

    return HasPermission
