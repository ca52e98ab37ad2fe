from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tasks", "0003_since_when")]

    operations = [
        migrations.AddConstraint(
            model_name='wish',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('status', 'MERGED')), models.Q(models.Q(('status', 'MERGED'), _negated=True), ('merged_into', None)), _connector='OR'), name='wish_merged_into_another'),
        ),
        migrations.AddConstraint(
            model_name='wish',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='wish_not_into_itself'),
        ),
    ]
