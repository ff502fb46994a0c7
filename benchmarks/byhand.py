"""What somebody would write without GraphQL: a cursor, the SQL that is needed, and `JsonResponse`.

Each view answers with the very values that the shop's own answer has (`questions.agree`), for
anything less would make the comparison easier than it is.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from benchmarks import byhand_facets

CONSTANT = b'{"data":{"products":{"nodes":[]}}}' + b" " * 7000
ROWS = 24

LIST = """
SELECT p.id, p.name, p.slug, p.price_min_minor, c.name, p.image_id, p.image_key, p.in_stock,
       p.rating_sum, p.rating_count
FROM catalog_product p LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE p.status = 'ACTIVE' AND p.published_at <= now()
ORDER BY p.created_at DESC, p.id DESC LIMIT 24"""
PRODUCT = """
SELECT p.id, p.name, p.slug, p.description, p.price_min_minor, c.name, p.rating_sum,
       p.rating_count, p.histogram::text
FROM catalog_product p LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE p.slug = %s AND p.status = 'ACTIVE' AND p.published_at <= now()"""
VARIANTS = """
SELECT id, sku, name, price_minor, NOT track_stock OR stock > reserved FROM catalog_variant
WHERE product_id = %s AND archived_at IS NULL ORDER BY position, id"""
OPTIONS = """
SELECT o.variant_id, a.name, v.value FROM catalog_variantoption o
JOIN catalog_attribute a ON a.id = o.attribute_id
JOIN catalog_attributevalue v ON v.id = o.value_id
WHERE o.variant_id = ANY(%s) ORDER BY o.variant_id, o.position, o.id"""
PICTURES = """
SELECT file, alt, width, height FROM catalog_productimage
WHERE product_id = %s ORDER BY position, id"""
REVIEWS = """
SELECT r.id, r.rating, r.title, r.body, r.verified, r.created_at FROM catalog_review r
WHERE r.product_id = %s AND r.status = 'PUBLISHED'
ORDER BY r.created_at DESC, r.id DESC LIMIT 10"""
FOUND = """
FROM catalog_product p JOIN catalog_searchentry e ON e.product_id = p.id
WHERE e.words @@ (to_tsquery('english', %(stems)s) || to_tsquery('simple', %(written)s))
AND p.status = 'ACTIVE' AND p.published_at <= now()"""
NARROWED = FOUND + " AND p.in_stock AND p.price_min_minor >= %(least)s"
HITS = f"""
SELECT p.id, p.name, p.price_min_minor {NARROWED}
ORDER BY (ts_rank(e.words, to_tsquery('english', %(stems)s)
    || to_tsquery('simple', %(written)s)) * 1000000)::int DESC, p.id DESC LIMIT 24"""
COUNT = f"SELECT count(*) {NARROWED}"


def rows_of(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()  # type: ignore[no-any-return]


def rows_named(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()  # type: ignore[no-any-return]


def identified(kind: str, pk: int) -> str:
    return b64encode(f"{kind}:{pk}".encode()).decode()


def money(minor: int) -> dict[str, str]:
    return {"amount": f"{minor // 100}.{minor % 100:02}", "currency": "EUR"}


def average(total: int, count: int) -> float | None:
    return round(total / count, 2) if count else None


def address(key: str) -> str:
    return f"{settings.MEDIA_URL}{key}"


def answered(**data: Any) -> JsonResponse:
    return JsonResponse({"data": data})


def constant(request: HttpRequest) -> HttpResponse:
    """As many bytes as the list has, out of memory."""
    return HttpResponse(CONSTANT, content_type="application/json")


def product_list(request: HttpRequest) -> HttpResponse:
    nodes = [
        {
            "id": identified("Product", pk),
            "name": name,
            "slug": slug,
            "price": money(price),
            "category": category and {"name": category},
            "image": {"url": address(key)} if image else None,
            "inStock": in_stock,
            "rating": {"average": average(stars, count)},
        }
        for pk, name, slug, price, category, image, key, in_stock, stars, count in rows_of(LIST)
    ]
    return answered(products={"nodes": nodes})


def detail(request: HttpRequest) -> HttpResponse:
    """A product with its variants, pictures and latest reviews: five statements."""
    product = rows_of(PRODUCT, request.GET["slug"])[0]
    pk, name, slug, description, price, category, stars, count, histogram = product
    return answered(
        product={
            "id": identified("Product", pk),
            "name": name,
            "slug": slug,
            "description": description,
            "price": money(price),
            "category": category and {"name": category},
            "rating": {
                "average": average(stars, count),
                "count": count,
                "histogram": json.loads(histogram),
            },
            "variants": variants(pk),
            "images": [
                {"url": address(key), "alt": alt, "width": width, "height": height}
                for key, alt, width, height in rows_of(PICTURES, pk)
            ],
            "reviews": {"nodes": reviews(pk)},
        }
    )


def variants(product: int) -> list[dict[str, Any]]:
    found = rows_of(VARIANTS, product)
    chosen = rows_of(OPTIONS, [row[0] for row in found])
    options = {pk: [*group] for pk, group in groupby(chosen, key=lambda row: row[0])}
    return [
        {
            "id": identified("Variant", pk),
            "sku": sku,
            "name": name,
            "price": money(price),
            "inStock": in_stock,
            "options": [{"name": key, "value": value} for _, key, value in options.get(pk, [])],
        }
        for pk, sku, name, price, in_stock in found
    ]


def reviews(product: int) -> list[dict[str, Any]]:
    return [
        {
            "id": identified("Review", pk),
            "rating": rating,
            "title": title,
            "body": body,
            "verifiedPurchase": verified,
            "createdAt": created.isoformat(),
        }
        for pk, rating, title, body, verified, created in rows_of(REVIEWS, product)
    ]


def search(request: HttpRequest) -> HttpResponse:
    """The first page of what fits the words and the filter, how many, and the facets."""
    words = request.GET["words"].split()
    stems, written = asked(words)
    values = {"stems": stems, "written": written, "least": int(request.GET["least"])}
    hits = rows_named(HITS, values)
    return answered(
        products={
            "totalCount": rows_named(COUNT, values)[0][0],
            "nodes": [
                {"id": identified("Product", pk), "name": name, "price": money(price)}
                for pk, name, price in hits
            ],
            "facets": byhand_facets.of(lambda text: rows_named(text, values), FOUND, money),
        }
    )


def asked(words: Sequence[str]) -> tuple[str, str]:
    """All of the words, by their stems or as written; the last one may go on."""
    quoted = [f"'{word}'" for word in words]
    exact = " & ".join(quoted)
    return exact, " & ".join([*quoted[:-1], f"({quoted[-1]} | {quoted[-1]}:*)"])
