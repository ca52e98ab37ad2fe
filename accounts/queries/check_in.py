from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import Actor
from accounts.models import CheckIn, RosterEntry, User


def check_ins_of(user: User) -> QuerySet[CheckIn]:
    """The person's own check-ins, newest first, with all a page shows of them."""
    return (
        CheckIn.objects.filter(member__user=user)
        .exclude(status=CheckIn.Status.ENDED)
        .select_related("community", "compound", "unit")
        .order_by("-submitted_at")
    )


def check_in_queue(actor: Actor) -> QuerySet[CheckIn]:
    """What waits for this community, oldest first; `on_roster` says whether the unit's list has name and phone."""
    same_person = RosterEntry.objects.filter(
        unit=OuterRef("unit"), phone=OuterRef("member__user__phone"), name=OuterRef("member__user__name")
    )
    return (
        CheckIn.objects.visible_to(actor)
        .pending()
        .annotate(on_roster=Exists(same_person))
        .select_related("member__user", "community", "compound", "unit")
    )
