"""Products beside another: those like it, and those that its buyers bought as well."""

from catalog import models, together
from catalog.filters import Rows
from schema import batch
from users.models import User


def related_to(product: models.Product, who: User | None, limit: int) -> list[models.Product]:
    """Others of the category, then of the brand, the best rated first.

    One statement for all products read together: of each category and brand that occurs, as
    many of the best as one of them may need when itself and those already there are left out.
    """

    def read(peers: list[models.Product]) -> dict[int, list[models.Product]]:
        best = batch.together(best_of(models.Product.objects.visible_to(who), peers, limit + 1))
        return {peer.pk: beside(peer, best)[:limit] for peer in peers}

    return batch.load(product, ("related", limit), read, []) if limit else []


def best_of(rows: Rows, peers: list[models.Product], most: int) -> Rows:
    """The `most` best rated of each category and each brand of the peers.

    Each by itself, from an index: a window over all would read and sort all that they hold.
    """
    among = {
        (name, getattr(peer, f"{name}_id")) for peer in peers for name in ("category", "brand")
    }
    order = ("-rating_average", "-pk")
    parts = [
        # SQLite takes no limited part of a union but within another select.
        models.Product.objects.filter(
            pk__in=rows.filter(**{name: key}).order_by(*order).values("pk")[:most]
        ).values("pk")
        for name, key in sorted((name, key) for name, key in among if key is not None)
    ]
    if not parts:
        return rows.none()
    return rows.filter(pk__in=parts[0].union(*parts[1:], all=True)).order_by(*order)


def beside(product: models.Product, best: list[models.Product]) -> list[models.Product]:
    """Those of its category before those of its brand alone, in the order given."""
    others = [other for other in best if other.pk != product.pk]
    near = [one for one in others if shares(one, product, "category_id")]
    return near + [
        one
        for one in others
        if shares(one, product, "brand_id") and not shares(one, product, "category_id")
    ]


def shares(one: models.Product, other: models.Product, column: str) -> bool:
    return getattr(one, column) is not None and getattr(one, column) == getattr(other, column)


def bought_together(product: models.Product, limit: int) -> list[models.Product]:
    """What its buyers bought besides, the most bought first; a statement for all its peers."""

    def read(peers: list[models.Product]) -> dict[int, list[models.Product]]:
        found: dict[int, list[models.Product]] = {}
        for row in batch.together(together.bought_with([peer.pk for peer in peers], limit)):
            found.setdefault(vars(row)["beside"], []).append(row)
        return found

    return batch.load(product, ("bought together", limit), read, []) if limit else []
