from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tasks", "0004_merged_into")]

    operations = [
        migrations.AddConstraint(
            model_name='answertemplate',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='answer_template_says_something'),
        ),
    ]
