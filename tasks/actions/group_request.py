"""A helper group is asked for one of its projects, by its community for itself or for a resident, and says yes or no."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from tasks.actions.group_asking import require_offered
from tasks.actions.group_fit import NOT_OPEN_TO_THEM, hold_group, require_belonging, require_leader
from tasks.actions.group_request_end import end_requests
from tasks.actions.place import hold_members
from tasks.actions.task import check_shifts
from tasks.actions.task_offer import ShiftTime
from tasks.actions.wish_publishing import refuse_saying_who
from tasks.actions.wish_step import step
from tasks.models import GroupProject, GroupRequest, Wish
from tasks.queries.group_request import contact_is_open
from tasks.queries.helper_group import keepers_of_group, led_by
from tasks.queries.wish import own_wishes
from tasks.queries.wish_publishing import can_be_published
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Status = GroupRequest.Status


def ask_group(
    project: GroupProject,
    *,
    words: str,
    place: str = "",
    wished_when: str = "",
    by: Actor,
    sent_once: UUID | None = None,
) -> GroupRequest:
    """The community itself asks a group for one of its projects; its leader is told, and says yes or no.

    The same words sent again from the form `sent_once` are one request. Refused: no words, what the group does not
    offer at present, and a group that nobody leads.
    """
    by.require(Ability.KEEP_GROUPS, project.group.community)
    once = uuid5(sent_once, "\n".join((str(project.pk), words, place, wished_when))) if sent_once else None
    there = GroupRequest.objects.filter(sent_once=once, group__community=project.group.community)
    if once and (written := there.first()):
        return written
    fields: dict[str, Any] = {"words": words, "place": place, "wished_when": wished_when, "sent_once": once}
    try:
        with transaction.atomic():
            return _ask(project, by=by, **fields)
    except IntegrityError:
        if once is None:
            raise
        return there.get()


@transaction.atomic
def ask_group_for(
    wish: Wish, project: GroupProject, *, words: str, place: str = "", wished_when: str = "", by: Actor
) -> GroupRequest:
    """Pass a resident's wish on to a group of the community: the one that it asks, or another.

    A new wish is accepted by it. The group reads `words`, `place` and `wished_when`, not the resident's own; passed on
    twice with the same, it is passed on once. Refused:
    as in `ask_group`, a wish that does not wait for the community or about which a group is asked already, and words that say who asked (domain rule 10).
    """
    by.require(Ability.HANDLE_WISHES, wish.community)
    by.require(Ability.KEEP_GROUPS, project.group.community)
    # Wishes before groups: whoever publishes this one holds it too.
    wish = Wish.objects.select_for_update(of=("self",), no_key=True).select_related("community").get(pk=wish.pk)
    if not can_be_published(wish):
        raise Refused(Reason.WISH_NOT_READY)
    refuse_saying_who(wish, (words, place, wished_when), own_phone=project.group.community.phone)
    there = GroupRequest.objects.living().filter(wish=wish).first()
    fields: dict[str, Any] = {"words": words, "place": place, "wished_when": wished_when}
    if there and there.status == Status.ASKED and _is_the_same(there, project=project, **fields):
        return there
    if there and there.status != Status.NEW:
        raise Refused(Reason.REQUEST_WAITS)
    if there and there.project_id == project.pk:
        request = _pass_on(there, by=by, **fields)
    else:
        if there:
            move(there, Status.WITHDRAWN, by=by, since=timezone.now())
        request = _ask(project, by=by, wish=wish, **fields)
    if wish.status == Wish.Status.NEW:
        step(wish, Wish.Status.ACCEPTED, by=by)
    return request


def _is_the_same(request: GroupRequest, **fields: Any) -> bool:
    """Whether it says that already: a form that was sent twice."""
    said = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    return all(getattr(request, name) == value for name, value in said.items())


def _ask(project: GroupProject, *, by: Actor, wish: Wish | None = None, **fields: Any) -> GroupRequest:
    said = _ready(project, fields)
    request = GroupRequest.objects.create(
        group=project.group, project=project, wish=wish, status=Status.ASKED, since=timezone.now(), **said
    )
    record(request, "asked", by=by, new=Status.ASKED)
    _tell_leader(request, Notice.Kind.GROUP_REQUESTED)
    return request


def _pass_on(request: GroupRequest, *, by: Actor, **fields: Any) -> GroupRequest:
    said = _ready(request.project, fields)
    move(request, Status.ASKED, by=by, since=timezone.now(), **said)
    _tell_leader(request, Notice.Kind.GROUP_REQUESTED)
    return request


def _ready(project: GroupProject, fields: dict[str, Any]) -> dict[str, Any]:
    """The words as they are kept, where the group can be asked: it stays what it is until this is done."""
    said = {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}
    if not said["words"]:
        raise Refused(Reason.REQUEST_EMPTY)
    group = hold_group(project.group)
    require_offered(project, group.community)
    if led_by(group) is None:
        raise Refused(Reason.NOBODY_LEADS)
    return said


def _tell_leader(request: GroupRequest, kind: Notice.Kind, **told: Any) -> None:
    leader = request.group.leader.user
    notify([leader], kind, link=request.page, group=request.group, project=request.project, **told)


@transaction.atomic
def accept_request(
    request: GroupRequest,
    *,
    starts_at: datetime,
    ends_at: datetime,
    people: Iterable[Member],
    words: str = "",
    by: Actor,
) -> None:
    """The leader says when the group comes and who of it; the community is told, and makes it a task of theirs.

    The same yes again is that yes. Refused: who does not lead the group, what is answered or called off by now, nobody named, who has not agreed to
    belong to it or lives elsewhere, the resident who asked, and hours that are past, backwards or a year ahead.
    """
    wanted = sorted({member.pk for member in people})
    held = hold_members(wanted)
    require_leader(request.group, by)
    if not wanted:
        raise Refused(Reason.NOBODY_COMES)
    check_shifts([ShiftTime(starts_at, ends_at, len(wanted))])
    require_belonging(request.group, held, wanted)
    request = _as_it_is(request)
    refuse_who_asked(request, held.values())
    answer: dict[str, Any] = {"answer": words.strip(), "starts_at": starts_at, "ends_at": ends_at}
    named = set(request.people.values_list("pk", flat=True))
    if request.status == Status.ACCEPTED and named == set(wanted) and _is_the_same(request, **answer):
        return
    move(request, Status.ACCEPTED, by=by, since=timezone.now(), **answer)
    request.people.set(wanted)
    told: dict[str, Any] = {"group": request.group, "project": request.project}
    notify(keepers_of_group(request.group), Notice.Kind.GROUP_ACCEPTED, but=by.user, link=request.page, **told)


def refuse_who_asked(request: GroupRequest, people: Iterable[Member]) -> None:
    """Nobody serves their own wish, or one that theirs was merged into (`refuse_own_wish`, before there is a task).

    Said as of whatever is not open to them, for whose wish it is stays private.
    """
    if request.wish_id is None:
        return
    for member in people:
        if own_wishes(member).filter(Q(pk=request.wish_id) | Q(merged_into=request.wish_id)).exists():
            raise Refused(Reason.NOT_FIT, name=member, why=NOT_OPEN_TO_THEM)


@transaction.atomic
def decline_request(request: GroupRequest, *, reason: str, by: Actor) -> None:
    """The leader says that the group cannot come, and why; the community reads it. A resident's wish is the community's again.

    Also after a yes, while it is no task yet; the same no again is that no. Refused: who does not lead the group, no reason, and what is no longer
    asked of it.
    """
    require_leader(request.group, by)
    reason = _reason(reason)
    request = _as_it_is(request)
    if request.status == Status.DECLINED and request.answer == reason:
        return
    move(request, Status.DECLINED, by=by, why=reason, since=timezone.now(), answer=reason)
    told: dict[str, Any] = {"group": request.group, "project": request.project, "reason": reason}
    notify(keepers_of_group(request.group), Notice.Kind.GROUP_DECLINED, but=by.user, link=request.page, **told)


@transaction.atomic
def ask_again(request: GroupRequest, *, reason: str, by: Actor) -> None:
    """What the group accepted cannot be made a task as it is: the leader is told why and chooses hours and people anew."""
    by.require(Ability.KEEP_GROUPS, request.group.community)
    reason = _reason(reason)
    request = _as_it_is(request)
    move(request, Status.ASKED, by=by, why=reason, since=timezone.now())
    _tell_leader(request, Notice.Kind.GROUP_ASKED_AGAIN, reason=reason)


@transaction.atomic
def call_off_request(request: GroupRequest, *, reason: str, by: Actor) -> None:
    """The community no longer needs the group for it; its leader is told why. A resident's wish stays with the community.

    Refused: no reason, and what is answered with a no, a task or called off already.
    """
    by.require(Ability.KEEP_GROUPS, request.group.community)
    reason = _reason(reason)
    request = _as_it_is(request)
    if request.status not in GroupRequest.LIVING:
        raise Refused(Reason.ANSWERED_BY_NOW)
    end_requests(GroupRequest.objects.filter(pk=request.pk), by=by, why=reason)


@transaction.atomic
def reveal_to_leader(request: GroupRequest, *, by: Actor) -> Wish:
    """The wish with name, phone and door of who asked, for the leader of a group that comes, until it is done (rule 10).

    Every look is recorded. Refused before the yes, once it is over or given back, and where no resident asked.
    """
    require_leader(request.group, by)
    if not contact_is_open(request) or request.wish is None:
        raise Refused(Reason.CONTACT_CLOSED)
    record(request.wish, "revealed", by=by)
    return request.wish


def _as_it_is(request: GroupRequest) -> GroupRequest:
    """The request as it is now, and as it stays until this is done."""
    rows = GroupRequest.objects.with_all().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=request.pk)


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(Reason.REASON_MISSING)
    return text
