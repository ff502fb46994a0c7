"""Lists of products in one table with what sorts them; PostgreSQL's triggers keep it right."""

import django.db.models.deletion
from django.db import migrations, models

SORTED = ("created_at", "price_min_minor", "name", "rating_average", "sales_count")


def columns(of=""):
    return ", ".join(of + name for name in SORTED)


# What the table must hold of some products. A function and no view, so that the columns it reads
# can still be altered.
RIGHT = f"""
CREATE FUNCTION catalog_listings(products bigint[]) RETURNS SETOF catalog_listing
LANGUAGE sql STABLE AS $$
    SELECT p.id, l.kind, l.owner, {columns("p.")} FROM catalog_product p JOIN (
        SELECT g.id, 1::smallint, unnest(string_to_array(trim('/' FROM c.path), '/'))::bigint
        FROM catalog_product g JOIN catalog_category c ON c.id = g.category_id
        WHERE g.id = ANY (products)
        UNION ALL
        SELECT product_id, 2::smallint, collection_id FROM catalog_collectionproduct
        WHERE product_id = ANY (products)
        UNION ALL
        SELECT product_id, 3::smallint, value_id FROM catalog_productattribute
        WHERE product_id = ANY (products)
        UNION ALL
        SELECT DISTINCT v.product_id, 4::smallint, o.value_id
        FROM catalog_variant v JOIN catalog_variantoption o ON o.variant_id = v.id
        WHERE v.product_id = ANY (products) AND v.archived_at IS NULL
    ) l (product, kind, owner) ON l.product = p.id
$$
"""  # noqa: S608  # the names above
# The products are locked, so that what is copied from them stays so until the commit; the
# statements after the lock see what others had committed by then.
LIST = f"""
CREATE FUNCTION catalog_list(products bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM catalog_product WHERE id = ANY (products) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM catalog_listing l WHERE product_id = ANY (products)
    AND (product_id, kind, owner) NOT IN (
        SELECT product_id, kind, owner FROM catalog_listings(products)
    );
    INSERT INTO catalog_listing AS l SELECT * FROM catalog_listings(products)
    ON CONFLICT (product_id, kind, owner) DO UPDATE
    SET ({columns()}) = ({columns("excluded.")})
    WHERE ({columns("l.")}) IS DISTINCT FROM ({columns("excluded.")});
END $$
"""  # noqa: S608  # the names above
# What each trigger lists anew; a set of rows at once where a statement may write many.
CALLS = {
    "catalog_list_products": "ARRAY(SELECT id FROM changed)",
    "catalog_list_members": "ARRAY(SELECT product_id FROM changed)",
    "catalog_list_options": "ARRAY(SELECT v.product_id FROM changed c"
    " JOIN catalog_variant v ON v.id = c.variant_id)",
    "catalog_list_product": "ARRAY[NEW.id]",
    "catalog_list_moved": "ARRAY[OLD.product_id, NEW.product_id]",
    "catalog_list_chosen": "ARRAY(SELECT product_id FROM catalog_variant"
    " WHERE id IN (OLD.variant_id, NEW.variant_id))",
    "catalog_list_branches": "ARRAY(SELECT p.id FROM changed c"
    " JOIN former f ON f.id = c.id AND f.path <> c.path"
    " JOIN catalog_product p ON p.category_id = c.id)",
}
RESORT = f"""
CREATE FUNCTION catalog_resort_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_listing SET ({columns()}) = ({columns("NEW.")}) WHERE product_id = NEW.id;
    RETURN NULL;
END $$
"""  # noqa: S608  # the names above
FORGET = """
CREATE FUNCTION catalog_forget_listings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM catalog_listing WHERE product_id = OLD.id;
    RETURN NULL;
END $$
"""


def calling(name, products):
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN PERFORM catalog_list({products}); RETURN NULL; END $$"
    )


def of_rows(name, table, function, *changed, event="UPDATE"):
    """A trigger for each row, where one of the columns has changed."""
    old, new = (", ".join(f"{row}.{column}" for column in changed) for row in ("OLD", "NEW"))
    when = f"WHEN (({old}) IS DISTINCT FROM ({new}))" if changed else ""
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when}"
        f" EXECUTE FUNCTION {function}()"
    )


def of_statement(name, table, function, event):
    rows = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
    )


PRODUCT, VARIANT = "catalog_product", "catalog_variant"
# Tables of members, the function that lists their products anew, and the one for a changed row.
MEMBERS = {
    "catalog_collectionproduct": ("catalog_list_members", "catalog_list_moved", "collection_id"),
    "catalog_productattribute": ("catalog_list_members", "catalog_list_moved", "value_id"),
    "catalog_variantoption": ("catalog_list_options", "catalog_list_chosen", "value_id"),
}


def of_members(table, many, one, owner):
    subject = "variant_id" if one == "catalog_list_chosen" else "product_id"
    return (
        of_statement("listing_added", table, many, "INSERT"),
        of_statement("listing_removed", table, many, "DELETE"),
        of_rows("listing_changed", table, one, subject, owner),
    )


# All at once: products that are locked branch by branch would not be locked by their ids.
BRANCHES = """
CREATE TRIGGER listing_branch AFTER UPDATE ON catalog_category
REFERENCING OLD TABLE AS former NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION catalog_list_branches()
"""
TRIGGERS = (
    of_statement("listing_made", PRODUCT, "catalog_list_products", "INSERT"),
    of_rows("listing_resorted", PRODUCT, "catalog_resort_listings", *SORTED),
    of_rows("listing_moved", PRODUCT, "catalog_list_product", "category_id"),
    of_rows("listing_gone", PRODUCT, "catalog_forget_listings", event="DELETE"),
    BRANCHES,
    of_rows("listing_offered", VARIANT, "catalog_list_moved", "archived_at", "product_id"),
    *(one for table, how in MEMBERS.items() for one in of_members(table, *how)),
)
FORWARDS = (
    RIGHT,
    LIST,
    RESORT,
    FORGET,
    *(calling(*pair) for pair in CALLS.items()),
    *TRIGGERS,
    "SELECT catalog_list(ARRAY(SELECT id FROM catalog_product))",
)
BACKWARDS = (
    *(f"DROP FUNCTION {name}() CASCADE" for name in CALLS),
    "DROP FUNCTION catalog_resort_listings() CASCADE",
    "DROP FUNCTION catalog_forget_listings() CASCADE",
    "DROP FUNCTION catalog_list(bigint[])",
    "DROP FUNCTION catalog_listings(bigint[])",
)


def run(statements):
    def on_postgresql(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return on_postgresql


KINDS = [(1, "Branch"), (2, "Collection"), (3, "Attribute"), (4, "Option")]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_lists")]
    operations = [
        migrations.CreateModel(
            name="Listing",
            fields=[  # in this order `catalog_listings` returns them
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "product_id",
                        "kind",
                        "owner",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="listings",
                        to="catalog.product",
                    ),
                ),
                ("kind", models.SmallIntegerField(choices=KINDS)),
                ("owner", models.BigIntegerField()),
                ("created_at", models.DateTimeField()),
                ("price_min_minor", models.PositiveBigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("rating_average", models.FloatField()),
                ("sales_count", models.IntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "owner", column, "product"], name=name)
                    for column, name in (
                        ("created_at", "listing_newest"),
                        ("price_min_minor", "listing_price"),
                        ("name", "listing_name"),
                        ("rating_average", "listing_rating"),
                        ("sales_count", "listing_sales"),
                    )
                ]
            },
        ),
        migrations.RunPython(run(FORWARDS), run(BACKWARDS)),
    ]
