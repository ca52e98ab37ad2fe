from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the one before, which has read these rows: they are bits of the member now."""

    dependencies = [
        ('accounts', '0012_beyond_the_task'),
    ]

    operations = [
        migrations.DeleteModel(
            name='FreeTime',
        ),
    ]
