from django.db import migrations
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

FIRST = {
    "answered_at": ["ASKED_BACK", "DECLINED", "MERGED", "ACCEPTED"],
    "published_at": ["PUBLISHED"],
    "claimed_at": ["CLAIMED"],
    "fulfilled_at": ["FULFILLED"],
    "done_at": ["DONE"],
}


def fill(apps, schema_editor):
    """When wishes of before first got so far, and since when they stand where they do, by the records."""
    Record, Wish = apps.get_model("accounts", "Record"), apps.get_model("tasks", "Wish")
    # None had a wish to be merged into: only the demonstration has any.
    Wish.objects.filter(status="MERGED").update(status="DECLINED")
    of_wishes = Record.objects.filter(subject_type__app_label="tasks", subject_type__model="wish")
    moves = of_wishes.filter(subject_id=OuterRef("pk")).exclude(new_status="")
    for field, states in FIRST.items():
        first = moves.filter(new_status__in=states).order_by("pk").values("at")[:1]
        Wish.objects.update(**{field: Subquery(first)})
    Wish.objects.update(since=Coalesce(Subquery(moves.order_by("-pk").values("at")[:1]), F("created_at")))


class Migration(migrations.Migration):

    dependencies = [("tasks", "0002_wishes_by_agreement"), ("contenttypes", "0002_remove_content_type_name")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
