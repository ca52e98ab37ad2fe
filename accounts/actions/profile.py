from collections.abc import Collection

from django.db import transaction

from accounts.models import Member, Skill


@transaction.atomic
def offer_help(
    member: Member,
    *,
    skills: Collection[Skill],
    free_at: int,
    interests: int | None = None,
    told_what_fits: bool | None = None,
) -> None:
    """What the member can do for others, likes to do, and when: their own to say, nobody reviews it.

    `free_at` and `interests` are bits (`vanguard.lib.week`, `Interest`); what is None stays as it is. Only skills can
    be seen by others, and only where the member takes a place that asks for one.
    """
    member.skills.set(skills)
    said = {"free_at": free_at, "interests": interests, "told_what_fits": told_what_fits}
    changed = {name: value for name, value in said.items() if value is not None}
    for name, value in changed.items():
        setattr(member, name, value)
    member.save(update_fields=list(changed))
