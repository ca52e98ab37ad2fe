"""What closing and merging organizations mean for tasks and wishes; accounts asks through its registered rules."""

from django.db import models

from accounts.access import Actor
from accounts.actions.move import record_all
from accounts.models import Organization
from tasks.models import HelperGroup, StewardPost, Suggestion, Task, Wish
from tasks.queries.organization import (
    living_posts,
    open_requests,
    open_tasks,
    unconfirmed_logs,
    unconfirmed_shifts,
    undecided_suggestions,
    unfinished_wishes,
)
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def refuse_open_tasks(organization: Organization) -> None:
    """Tasks that are not over keep what published them from being closed."""
    tasks = open_tasks(organization).count()
    if tasks:
        raise Refused(Reason.TASKS_OPEN, n=tasks)


def refuse_unfinished_wishes(organization: Organization) -> None:
    """A fulfilled wish does not: the community has done its part."""
    wishes = unfinished_wishes(organization).exclude(status=Wish.Status.FULFILLED).count()
    if wishes:
        raise Refused(Reason.WISHES_UNFINISHED, n=wishes)


def refuse_unconfirmed_shifts(organization: Organization) -> None:
    shifts = unconfirmed_shifts(organization).count()
    if shifts:
        raise Refused(Reason.SHIFTS_UNCONFIRMED, n=shifts)


def refuse_unanswered_suggestions(organization: Organization) -> None:
    """An answered one does not keep it from being closed: whoever sent it has heard."""
    suggestions = undecided_suggestions(organization).filter(status=Suggestion.Status.NEW).count()
    if suggestions:
        raise Refused(Reason.SUGGESTIONS_UNANSWERED, n=suggestions)


def refuse_living_posts(organization: Organization) -> None:
    posts = living_posts(organization).count()
    if posts:
        raise Refused(Reason.POSTS_NOT_CLOSED, n=posts)


def refuse_unconfirmed_logs(organization: Organization) -> None:
    logs = unconfirmed_logs(organization).count()
    if logs:
        raise Refused(Reason.LOGS_UNCONFIRMED, n=logs)


def refuse_open_group_requests(organization: Organization) -> None:
    requests = open_requests(organization).count()
    if requests:
        raise Refused(Reason.REQUESTS_OPEN, n=requests)


def carry_over(old: Organization, into: Organization, by: Actor) -> None:
    """With a merger, what is open for the members of `old` is open for those of `into`, whose the wishes become.

    Its helper groups and its own steward posts are those of `into` too, and it decides on suggestions. Tasks before
    wishes, as calling a task off takes them; a fixed number of queries, however many, but one for each group or post of
    a name that is there already.
    """
    why = f"{old} → {into}"
    _pass_on(Task.objects.filter(audience=old).exclude(status__in=Task.OVER), by=by, why=why, audience=into)
    _carry_groups(old, into, by=by, why=why)
    _pass_on(unfinished_wishes(old).filter(community=old), by=by, why=why, community=into)
    _pass_on(undecided_suggestions(old).filter(community=old), by=by, why=why, community=into)
    _carry_posts(old, into, by=by, why=why)


def _carry_posts(old: Organization, into: Organization, *, by: Actor, why: str) -> None:
    """Those of the community itself; its compounds keep theirs. One that both have is told apart by where it comes from."""
    posts = StewardPost.objects.filter(compound=old)
    there = set(StewardPost.objects.living().filter(compound=into).values_list("kind", "subject"))
    for post in posts.living():
        if (post.kind, post.subject) in there:
            origin = f"（{old.name[:8]}·{post.pk}）"
            post.subject = f"{post.subject[: 40 - len(origin)]}{origin}"
            post.save(update_fields=["subject"])
    _pass_on(posts, by=by, why=why, compound=into)


def _carry_groups(old: Organization, into: Organization, *, by: Actor, why: str) -> None:
    """A group whose name the other community has already is told apart by where it comes from; dissolved ones need no name."""
    groups = HelperGroup.objects.filter(community=old)
    names = HelperGroup.objects.active().filter(community=into).values_list("name", flat=True)
    for group in groups.active().filter(name__in=list(names)):
        origin = f"（{old.name[:8]}·{group.pk}）"
        group.name = f"{group.name[: 30 - len(origin)]}{origin}"
        group.save(update_fields=["name"])
    _pass_on(groups, by=by, why=why, community=into)


def _pass_on(rows: models.QuerySet, *, by: Actor, why: str, **fields: Organization) -> None:
    locked = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
    keys = list(locked.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=keys).update(**fields)
    record_all(rows.model, keys, "carried over", by=by, why=why)
