"""Questions about accounts."""

from typing import Annotated, cast

import strawberry

from schema import pages
from schema.authorization.rules import CALLER, guard
from schema.context import viewer
from schema.errors import Denied, Info
from schema.pages import After, Before, First, Last, Page, PageArgs
from schema.permissions import may
from schema.users.types import NEWEST, User
from users import models

LONGEST_SEARCH = 100

Search = Annotated[
    str | None,
    strawberry.argument(
        description="Words that all occur in e-mail address or names; at most 100 signs."
    ),
]


@strawberry.type
class UsersQuery:
    @strawberry.field(description="The signed-in caller; null for a guest.", metadata=guard(CALLER))
    def me(self, info: Info) -> User | None:
        return cast("User | None", viewer(info))

    @strawberry.field(
        description="Everybody with an account, the newest first; for staff who may see customers.",
        permission_classes=[may("users.view_user")],
    )
    def users(
        self,
        info: Info,
        search: Search = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[User]:
        if search is not None and len(search) > LONGEST_SEARCH:
            raise Denied("LIMIT_EXCEEDED", f"`search` takes at most {LONGEST_SEARCH} signs.")
        found = models.User.objects.visible_to(viewer(info)).matching(search or "")
        args = PageArgs.of(first, after, last, before)
        return Page(page=pages.slice_of(found, NEWEST, args))
