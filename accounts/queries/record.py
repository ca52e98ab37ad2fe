from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from accounts.models import Record


def records_of(row: Model) -> QuerySet[Record]:
    """What has been done with a row, oldest first, with the reasons; what of it may be shown the caller decides."""
    of_kind = Record.objects.filter(subject_type=ContentType.objects.get_for_model(row), subject_id=row.pk)
    return of_kind.select_related("reason").order_by("pk")
