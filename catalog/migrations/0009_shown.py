"""When a product is shown stands beside its words, so that a search is counted from one table."""

from importlib import import_module

from django.db import migrations, models

lists = import_module("catalog.migrations.0007_lists")
run = import_module("catalog.migrations.0008_listings").run

FROM = "CASE WHEN {0}status = 'ACTIVE' THEN {0}published_at END"
SHOWN = f"""
CREATE FUNCTION catalog_shown_from(product bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT {FROM.format("p.")} FROM catalog_product p WHERE p.id = product
$$
"""  # noqa: S608  # the columns above
# As in migration 0007, with one column more; it changes by SHOW alone.
INDEX = (
    lists.INDEX.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    .replace("(product_id, names, words)", "(product_id, shown_from, names, words)")
    .replace("NEW.id,", f"NEW.id, {FROM.format('NEW.')},")
)
SHOW = f"""
CREATE FUNCTION catalog_show_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_searchentry SET shown_from = {FROM.format("NEW.")} WHERE product_id = NEW.id;
    RETURN NULL;
END $$
"""  # noqa: S608  # the columns above
FORWARDS = (
    SHOWN,
    # Writes the table anew, and its indexes once: an update would leave each row there twice.
    """
ALTER TABLE catalog_searchentry
ALTER COLUMN shown_from TYPE timestamptz USING catalog_shown_from(product_id)
""",
    INDEX,
    SHOW,
    """
CREATE TRIGGER product_shown AFTER UPDATE ON catalog_product FOR EACH ROW
WHEN ((OLD.status, OLD.published_at) IS DISTINCT FROM (NEW.status, NEW.published_at))
EXECUTE FUNCTION catalog_show_words()
""",
    # The planner's figures went with the old rows.
    "ANALYZE catalog_searchentry",
)
BACKWARDS = (
    "DROP TRIGGER product_shown ON catalog_product",
    "DROP FUNCTION catalog_show_words()",
    "DROP FUNCTION catalog_shown_from(bigint)",
    lists.INDEX.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_listings")]
    operations = [
        migrations.AddField(
            model_name="searchentry",
            name="shown_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(run(FORWARDS), run(BACKWARDS)),
    ]
