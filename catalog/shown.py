"""Since when products are shown, as searches count them: proven, and put right.

Only where triggers keep it, which is on PostgreSQL; on other databases searches read the products.
"""

from collections.abc import Iterable

from django.db import connection

WRONG = """
SELECT e.product_id FROM catalog_searchentry e
WHERE e.product_id = ANY (%(ids)s)
AND e.shown_from IS DISTINCT FROM catalog_shown_from(e.product_id)
ORDER BY 1
"""
RIGHT = """
UPDATE catalog_searchentry SET shown_from = catalog_shown_from(product_id)
WHERE product_id = ANY (%(ids)s)
"""


def settle(products: Iterable[int], *, fix: bool) -> list[str]:
    """What is wrong for locked products, as sentences; put right when it is wanted."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(WRONG, {"ids": list(products)})
        wrong = [pk for (pk,) in cursor.fetchall()]
        if wrong and fix:
            cursor.execute(RIGHT, {"ids": wrong})
    return [f"product {pk}: searches count it as shown at the wrong time" for pk in wrong]
