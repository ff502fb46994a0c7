"""Who may call a field. Which rows they then reach is for `visible_to` to say."""

from typing import Any, ClassVar

from strawberry import BasePermission

from schema.authorization.rules import or_with
from schema.context import customer
from schema.errors import Denied, Info


class Guard(BasePermission):
    """What `schema.authorization` reads off the permission classes of a field."""

    words: ClassVar[str]
    for_staff: ClassVar[bool] = False
    permissions: ClassVar[tuple[str, ...]] = ()  # any one of them will do


class IsSignedIn(Guard):
    """Anybody with an account."""

    words = "the signed-in"

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return customer(info) is not None


class IsStaff(Guard):
    """Anybody who works here; the domain asks further where the row decides."""

    words = "staff"
    for_staff = True

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        if not customer(info).is_staff:
            raise Denied("FORBIDDEN", "Only the shop's staff may do this.")
        return True


def may(*wanted: str) -> type[Guard]:
    """Staff with one of those of Django's permissions, such as "catalog.add_product"."""

    class HasPermission(IsStaff):
        words = f"staff with {or_with(wanted)}"
        permissions = wanted

        def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
            super().has_permission(source, info, **kwargs)
            if not any(map(customer(info).has_perm, wanted)):
                raise Denied("FORBIDDEN", f"This needs the permission {' or '.join(wanted)}.")
            return True

    return HasPermission
