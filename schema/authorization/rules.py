"""Who may do what, said once beside each field and each type.

A rule tells what each kind of caller meets. Its first half, who may call at all, is read off the
field's permission classes; what is written here is the other half: which rows. On a field it
stands as `metadata=guard(RULE)`, on an object type as `@guarded(RULE)` for all of its fields;
what has neither a rule nor a permission class keeps the schema from being built.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from checkout.querysets import SEEING

T = TypeVar("T", bound=type)
KEY = "authorization"
OF_TYPE = "__authorization__"


class Cell(Enum):
    """What a caller meets; the value is how the table shows it."""

    YES = "yes"
    SIGN_IN = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    HIDDEN = "not found"  # exactly as what does not exist
    LOOK = "NOT_ALLOWED"  # may see it and not change it
    NULL = "null"
    HELD = "as its object"


YES, SIGN_IN, FORBIDDEN = Cell.YES, Cell.SIGN_IN, Cell.FORBIDDEN
HIDDEN, LOOK, NULL, HELD = Cell.HIDDEN, Cell.LOOK, Cell.NULL, Cell.HELD


class Actor(Enum):
    """The kinds of callers; the value heads a column of the table."""

    ANONYMOUS = "anonymous"
    USER = "user"  # has nothing of the kind
    OTHER = "other user"  # has something of the kind, but not this
    OWNER = "owner"
    STAFF = "staff"  # without any permission
    PERMITTED = "staff with permission"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What each kind of caller meets.

    Args:
        words: the rule for people.
        permissions: any one of them makes staff "staff with permission".
        besides: what they need as well, all of it.
        owned: whether somebody owns what it is about; without an owner the column is a user's.
        staff_owned: whether the owner is one of the staff.
        token: whether a token opens it to whoever presents it.
    """

    words: str
    anonymous: Cell = YES
    user: Cell = YES
    owner: Cell = YES
    staff: Cell = YES
    permitted: Cell = YES
    permissions: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    owned: bool = False
    staff_owned: bool = False
    token: bool = False

    def cell(self, actor: Actor) -> Cell:
        return {
            Actor.ANONYMOUS: self.anonymous,
            Actor.USER: self.user,
            Actor.OTHER: self.user,
            Actor.OWNER: self.owner,
            Actor.STAFF: self.staff,
            Actor.PERMITTED: self.permitted,
        }[actor]

    @property
    def is_public(self) -> bool:
        return all(self.cell(actor) is YES for actor in Actor)


def guard(rule: Rule) -> dict[str, Rule]:
    """The `metadata` of a field with that rule."""
    return {KEY: rule}


def guarded(rule: Rule) -> Callable[[T], T]:
    """Give all fields of an object type that rule, save those with one of their own."""

    def give(cls: T) -> T:
        setattr(cls, OF_TYPE, rule)
        return cls

    return give


def after_calling(rule: Rule | None, permission_classes: Iterable[Any]) -> Rule | None:
    """The rule behind the permission classes, which ask before any row is looked for."""
    for one in permission_classes:
        words = one.words if rule is None else f"{one.words}: {rule.words}"
        rule = replace(rule or Rule(words=""), words=words, anonymous=SIGN_IN)
        if one.for_staff:
            owner = rule.owner if rule.staff_owned else FORBIDDEN
            rule = replace(rule, user=FORBIDDEN, owner=owner)
        if one.permissions:
            rule = replace(rule, owner=FORBIDDEN, staff=FORBIDDEN, permissions=one.permissions)
    return rule


def or_with(permissions: Iterable[str]) -> str:
    return " or ".join(f"`{name.partition('.')[2]}`" for name in permissions)


# ── the rules ────────────────────────────────────────────────────────────────────────────────
PUBLIC = Rule(words="everybody")
HOLDER = Rule(words="who has the secret that is sent", token=True)
OBJECT = Rule(
    words="whoever reached its object",
    anonymous=HELD, user=HELD, owner=HELD, staff=HELD, permitted=HELD,
)  # fmt: skip
ITS_TYPE = replace(OBJECT, words="as the rule of its type says")
CALLER = Rule(words="the caller's own account; null for a guest", anonymous=NULL)

OWNER = Rule(
    words="its owner", owned=True,
    anonymous=HIDDEN, user=HIDDEN, staff=HIDDEN, permitted=HIDDEN,
)  # fmt: skip
# A guest's cart is whoever's who has the token; the cells are those of a user's cart.
CART = replace(OWNER, words="who has its token; a user's cart: that user alone", token=True)
ORDERING = replace(CART, words="everybody, with lines; a cart: who has its token and may use it")
USER = replace(
    OWNER, words="that user, and staff with `view_user`",
    permitted=YES, permissions=("users.view_user",),
)  # fmt: skip
BUYER = replace(
    OWNER, words=f"its buyer, who has its access token, and staff with {or_with(SEEING)}",
    permitted=YES, permissions=SEEING, token=True,
)  # fmt: skip
# Staff who see orders see this one as well, but it is not theirs to change.
BUYER_ALONE = replace(
    BUYER, words="its buyer, or who has its access token; staff who see it may not", permitted=LOOK
)
BUYER_OR_PROCESS = replace(
    BUYER, words="its buyer, who has its access token, and staff with `process_order`",
    permissions=("checkout.process_order",),
)  # fmt: skip
BUYER_OR_DELETE = replace(
    BUYER, words="its buyer, and staff with `delete_order` who see orders", token=False,
    permissions=("checkout.delete_order",), besides=("checkout.view_order",),
)  # fmt: skip
FOR_KNOWN = Rule(words="for customers that they see (`view_user`)", besides=("users.view_user",))
WITH_REFUND = Rule(
    words="where money goes back with `refund_order` as well", besides=("checkout.refund_order",)
)

# What is on sale is for everybody; the cells are those of what is not.
ON_SALE = Rule(
    words="everybody while on sale, else staff", owned=True, staff_owned=True,
    anonymous=HIDDEN, user=HIDDEN,
)  # fmt: skip
REVIEW = Rule(
    words="everybody once published, else its author and staff", owned=True,
    anonymous=HIDDEN, user=HIDDEN,
)  # fmt: skip
EDITOR = Rule(
    words="the product's owner, or `change_product`", owned=True, staff_owned=True,
    staff=LOOK, permissions=("catalog.change_product",),
)  # fmt: skip
SENDER = replace(EDITOR, staff=HIDDEN)
DELETER = replace(
    EDITOR,
    words="the product's owner, or `delete_product`",
    permissions=("catalog.delete_product",),
)

# ── of single fields ─────────────────────────────────────────────────────────────────────────
FOR_STAFF = Rule(
    words="staff; null to others", anonymous=NULL, user=NULL, owned=True, staff_owned=True
)
FOR_SEEING = replace(
    BUYER, words=f"staff with {or_with(SEEING)}; null to others", owner=NULL, token=False
)
ONESELF = replace(USER, words="that user alone; null to staff", permitted=NULL)
