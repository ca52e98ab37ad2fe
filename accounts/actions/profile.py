from collections.abc import Collection

from django.db import transaction

from accounts.models import FreeTime, Member, Skill


@transaction.atomic
def offer_help(member: Member, *, skills: Collection[Skill], free_times: Collection[str]) -> None:
    """What the member can do for others and when: their own to say, nobody reviews it."""
    member.skills.set(skills)
    FreeTime.objects.filter(member=member).exclude(part__in=free_times).delete()
    FreeTime.objects.bulk_create((FreeTime(member=member, part=part) for part in free_times), ignore_conflicts=True)
