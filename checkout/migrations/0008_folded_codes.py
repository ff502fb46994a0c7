from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from checkout.models.discounts import folded


def fold(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for row in apps.get_model("checkout", "DiscountCode").objects.iterator():
        row.folded = folded(row.code)
        row.save(update_fields=["folded"])


class Migration(migrations.Migration):

    dependencies = [
        ('checkout', '0007_order_email'),
    ]

    operations = [
        migrations.AddField(
            model_name='discountcode',
            name='folded',
            field=models.TextField(default='', editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='discountcode',
            name='folded',
            field=models.TextField(editable=False, unique=True),
        ),
        migrations.RemoveConstraint(
            model_name='discountcode',
            name='discount_code_once',
        ),
        migrations.AddConstraint(
            model_name='discountcode',
            constraint=models.CheckConstraint(condition=models.Q(('folded', ''), _negated=True), name='discount_code_is_folded'),
        ),
    ]
