from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import ABILITIES, Ability
from accounts.actions.notice import notify
from accounts.models import Appointment, Notice, Organization, User
from tasks.models import Shift

MAY_CONFIRM = [role for role, abilities in ABILITIES.items() if Ability.CONFIRM in abilities]


def chase_unconfirmed_shifts() -> None:
    """Remind those who may confirm of shifts over for a week and not settled, each once (domain rule 4)."""
    late = timezone.now() - settings.CHASE_UNCONFIRMED_AFTER
    for shift in Shift.objects.awaiting_confirmation(late).select_related("task__publisher"):
        notify(
            _confirmers(shift.task.publisher),
            Notice.Kind.SHIFT_UNCONFIRMED,
            link=reverse("confirm_shift", args=[shift.pk]),
            once=f"unconfirmed-{shift.pk}",
            task=shift.task.title,
            time=shift.ends_at,
        )


def _confirmers(publisher: Organization) -> list[User]:
    """Those appointed to confirm for `publisher`; a compound only proposes, its community confirms."""
    own_or_above = Q(organization=publisher)
    if publisher.kind == Organization.Kind.SUBCOMMUNITY:
        own_or_above = Q(organization=publisher.parent_id)
    today = timezone.localdate()
    held = Appointment.objects.in_force(today).filter(own_or_above, role__in=MAY_CONFIRM)
    return [appointment.user for appointment in held.select_related("user")]
