from django.conf import settings
from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from accounts.queries.appointment import people_of
from tasks.models import Claim, Shift

PUBLISHER = ("task__publisher__parent", "task__publisher__merged_into")


def chase_unconfirmed_shifts() -> None:
    """Remind those who may confirm of shifts over for a week and not settled, each once (domain rule 4)."""
    late = timezone.now() - settings.CHASE_UNCONFIRMED_AFTER
    served = Claim.objects.filter(shift=OuterRef("pk"), reported_at__lte=late).unsettled().order_by("ends_at")
    waiting = Shift.objects.awaiting_confirmation(late).select_related(*PUBLISHER)
    shifts = list(waiting.annotate(served_until=Coalesce(served.values("ends_at")[:1], "ends_at")))
    communities = {shift.task.publisher.community.pk for shift in shifts}  # a compound only proposes
    confirmers = people_of(communities, roles=roles_with(Ability.CONFIRM), day=timezone.localdate())
    write_notices(
        notice_to(
            user,
            Notice.Kind.SHIFT_UNCONFIRMED,
            link=reverse("confirm_shift", args=[shift.pk]),
            once=f"unconfirmed-{shift.pk}",
            task=shift.task.title,
            time=shift.served_until,
        )
        for shift in shifts
        for user in confirmers.get(shift.task.publisher.community.pk, [])
    )
