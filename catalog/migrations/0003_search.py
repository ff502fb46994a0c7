"""Full-text and trigram search, on PostgreSQL alone; no model knows of it."""

from django.db import DatabaseError, migrations, transaction

# Weighted for the rank. The second, unstemmed form with its signs taken for blanks is what
# makes article numbers and words that are still being typed match.
VECTOR = r"""
ALTER TABLE catalog_product ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A')
    || setweight(to_tsvector('simple', translate(name, '-_/.,+&', '       ')), 'A')
    || setweight(to_tsvector('simple', translate(brand_name, '-_/.,+&', '       ')), 'B')
    || setweight(to_tsvector('english', description), 'C')
    || setweight(to_tsvector('simple', translate(search_text, '-_/.,+&', '       ')), 'D')
) STORED
"""
FORWARDS = (
    VECTOR,
    "CREATE INDEX product_search ON catalog_product USING gin (search_vector)",
)
TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX product_name_trigrams ON catalog_product USING gin (name gin_trgm_ops)",
    "CREATE INDEX product_brand_trigrams ON catalog_product USING gin (brand_name gin_trgm_ops)",
)
# The extension stays: others may use it.
BACKWARDS = (
    "DROP INDEX IF EXISTS product_name_trigrams",
    "DROP INDEX IF EXISTS product_brand_trigrams",
    "ALTER TABLE catalog_product DROP COLUMN search_vector",
)


def forwards(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    for statement in FORWARDS:
        schema_editor.execute(statement)
    try:
        with transaction.atomic(using=connection.alias):
            for statement in TRIGRAMS:
                schema_editor.execute(statement)
    except DatabaseError:
        pass  # not ours to create here: search works without, and forgives no misspelling


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for statement in BACKWARDS:
            schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
