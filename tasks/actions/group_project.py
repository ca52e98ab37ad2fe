"""What a helper group does for others when it is asked: kept by its leader and by the community."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.actions.move import move, record
from tasks.actions.group_fit import hold_group, require_keeper
from tasks.models import GroupProject, HelperGroup
from tasks.models.group_project import MINUTES_AT_MOST, PEOPLE_AT_MOST
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Status = GroupProject.Status
WORDS = ("title", "what", "for_whom")


@transaction.atomic
def offer_project(group: HelperGroup, *, by: Actor, **fields: Any) -> GroupProject:
    """Say what the group does when it is asked; `fields` are those of `GroupProject`.

    Members of the community and its residents see it. Refused: who neither leads the group nor keeps it, no name or no
    words, one that is there already, more people or time than there can be, and of a dissolved group.
    """
    group = hold_group(group)
    require_keeper(group, by)
    project = _save(GroupProject(group=group, **_checked(fields)))
    record(project, "added", by=by, new=Status.OFFERED)
    return project


@transaction.atomic
def change_project(project: GroupProject, *, by: Actor, **fields: Any) -> None:
    """Say it anew; refused as `offer_project` does. What was asked for under the old words goes on."""
    group = hold_group(project.group)
    require_keeper(group, by)
    for name, value in _checked(fields).items():
        setattr(project, name, value)
    _save(project, list(fields))
    record(project, "changed", by=by)


@transaction.atomic
def set_offered(project: GroupProject, *, offered: bool, by: Actor) -> None:
    """Offer a project no more, or again; said twice it is said once. What has been asked for goes on."""
    group = hold_group(project.group)
    require_keeper(group, by)
    project = GroupProject.objects.get(pk=project.pk)
    to = Status.OFFERED if offered else Status.WITHDRAWN
    if project.status != to:
        move(project, to, by=by)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value.strip() if name in WORDS else value for name, value in fields.items()}
    if not all(fields.get(name, "-") for name in WORDS):
        raise Refused(Reason.PROJECT_EMPTY)
    if not 1 <= fields.get("minutes", 1) <= MINUTES_AT_MOST or not 1 <= fields.get("people", 1) <= PEOPLE_AT_MOST:
        raise Refused(Reason.PROJECT_NUMBERS, most=PEOPLE_AT_MOST)
    return fields


def _save(project: GroupProject, fields: list[str] | None = None) -> GroupProject:
    try:
        with transaction.atomic():
            project.save(update_fields=fields)
    except IntegrityError:
        raise Refused(Reason.PROJECT_THERE_ALREADY) from None
    return project
