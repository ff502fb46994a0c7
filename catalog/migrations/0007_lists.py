"""What keeps lists, search and counts as fast in a large catalogue as in a small one."""

import re
from importlib import import_module

import django.contrib.postgres.search
import django.db.models.deletion
from django.db import DatabaseError, migrations, models, transaction

before = import_module("catalog.migrations.0003_search")

# The words of a product in a narrow table of its own: a search reads few pages, and a product
# that is sold or rated does not write its words again. Weighted for the rank. The second, unstemmed
# form with its signs taken for blanks is what makes article numbers and words that are still being
# typed match.
INDEX = r"""
CREATE FUNCTION catalog_index_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named tsvector := setweight(to_tsvector('english', NEW.name), 'A')
        || setweight(to_tsvector('simple', translate(NEW.name, '-_/.,+&', '       ')), 'A');
BEGIN
    INSERT INTO catalog_searchentry (product_id, names, words) VALUES (
        NEW.id,
        named,
        named
        || setweight(to_tsvector('simple', translate(NEW.brand_name, '-_/.,+&', '       ')), 'B')
        || setweight(to_tsvector('english', NEW.description), 'C')
        || setweight(to_tsvector('simple', translate(NEW.search_text, '-_/.,+&', '       ')), 'D')
    )
    ON CONFLICT (product_id) DO UPDATE SET names = excluded.names, words = excluded.words;
    RETURN NULL;
END $$
"""
FORGET = """
CREATE FUNCTION catalog_forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM catalog_searchentry WHERE product_id = OLD.id;
    RETURN NULL;
END $$
"""
CHANGED = "(OLD.name, OLD.brand_name, OLD.description, OLD.search_text)"
FORWARDS = (
    INDEX,
    FORGET,
    "CREATE TRIGGER product_made AFTER INSERT ON catalog_product"
    " FOR EACH ROW EXECUTE FUNCTION catalog_index_words()",
    "CREATE TRIGGER product_written AFTER UPDATE ON catalog_product"
    f" FOR EACH ROW WHEN ({CHANGED} IS DISTINCT FROM {CHANGED.replace('OLD', 'NEW')})"
    " EXECUTE FUNCTION catalog_index_words()",
    "CREATE TRIGGER product_gone AFTER DELETE ON catalog_product"
    " FOR EACH ROW EXECUTE FUNCTION catalog_forget_words()",
    """
INSERT INTO catalog_searchentry (product_id, names, words)
SELECT id, setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('simple', translate(name, '-_/.,+&', '       ')), 'A'), search_vector
FROM catalog_product ORDER BY id
""",
    "CREATE INDEX search_names ON catalog_searchentry USING gin (names)",
    "CREATE INDEX search_words ON catalog_searchentry USING gin (words)",
    "ALTER TABLE catalog_product DROP COLUMN search_vector",
    # An index in the language's order answers no LIKE.
    "CREATE INDEX variant_sku_start ON catalog_variant (lower(sku) text_pattern_ops)"
    " WHERE archived_at IS NULL",
    # Misspelt words are compared with the shop's words now, which are far fewer than its names.
    "DROP INDEX IF EXISTS product_name_trigrams",
    "DROP INDEX IF EXISTS product_brand_trigrams",
)
TRIGRAMS = "CREATE INDEX search_word_trigrams ON catalog_searchword USING gin (word gin_trgm_ops)"
BACKWARDS = (
    "DROP TRIGGER product_made ON catalog_product",
    "DROP TRIGGER product_written ON catalog_product",
    "DROP TRIGGER product_gone ON catalog_product",
    "DROP FUNCTION catalog_index_words()",
    "DROP FUNCTION catalog_forget_words()",
    "DROP INDEX IF EXISTS variant_sku_start",
    "DROP INDEX IF EXISTS search_word_trigrams",
    *before.FORWARDS,
)
WORD = re.compile(r"[^\W_]{4,50}")


def forwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in FORWARDS:
            schema_editor.execute(statement)
        where_allowed(schema_editor, TRIGRAMS)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in BACKWARDS:
            schema_editor.execute(statement)
        where_allowed(schema_editor, *before.TRIGRAMS)


def where_allowed(schema_editor, *statements):
    """Indexes that need pg_trgm, which not every host has."""
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            for statement in statements:
                schema_editor.execute(statement)
    except DatabaseError:
        pass


def learn(apps, schema_editor):
    """The words of the names and brands that are there already."""
    alias = schema_editor.connection.alias
    names = apps.get_model("catalog", "Product").objects.using(alias).order_by()
    known = {
        word
        for pair in names.values_list("name", "brand_name").iterator()
        for text in pair
        for word in WORD.findall(text.casefold())
    }
    SearchWord = apps.get_model("catalog", "SearchWord")
    rows = [SearchWord(word=word) for word in sorted(known)]
    SearchWord.objects.using(alias).bulk_create(rows, batch_size=1000)


def of_category(column, name):
    sign = "-" if column.startswith("-") else ""
    return migrations.AddIndex(
        model_name="product",
        index=models.Index(fields=["category", column, f"{sign}id"], name=name),
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_stamp")]
    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(db_index=True, max_length=50)),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("names", django.contrib.postgres.search.SearchVectorField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
        ),
        of_category("-created_at", "category_newest"),
        of_category("price_min_minor", "category_price"),
        of_category("name", "category_name"),
        of_category("-rating_average", "category_rating"),
        of_category("-sales_count", "category_sales"),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                fields=["category", "published_at"],
                condition=models.Q(status="ACTIVE"),
                include=["brand", "price_min_minor", "in_stock", "rating_average", "id"],
                name="product_counts",
            ),
        ),
        migrations.AddIndex(
            model_name="collectionproduct",
            index=models.Index(
                fields=["collection", "position", "product"], name="collection_place"
            ),
        ),
        migrations.RunPython(forwards, backwards),
        migrations.RunPython(learn, migrations.RunPython.noop),
    ]
