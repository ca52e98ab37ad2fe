from django.db import migrations
from django.db.models import OuterRef, Subquery

from vanguard.lib.addressing import address_key

BATCH = 1000


def fill(apps, schema_editor):
    """What check-ins of before say by where they stand: the phone is the member's, the key follows from the address."""
    CheckIn, User = apps.get_model("accounts", "CheckIn"), apps.get_model("accounts", "User")
    phone = User.objects.filter(member=OuterRef("member"), phone__isnull=False).values("phone")
    CheckIn.objects.filter(phone="", member__user__phone__isnull=False).update(phone=Subquery(phone))
    rows = []
    for check_in in CheckIn.objects.exclude(address="").iterator(chunk_size=BATCH):
        check_in.address_key = address_key(check_in.address)
        rows.append(check_in)
    CheckIn.objects.bulk_update(rows, ["address_key"], batch_size=BATCH)


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_people_and_rosters")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
