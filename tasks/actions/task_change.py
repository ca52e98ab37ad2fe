"""The words of a published task, mended; whoever counts on them is told of what matters."""

from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record, record_all
from accounts.actions.notice import notify
from accounts.models import Notice, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task_offer import name_of
from tasks.actions.wish_publishing import refuse_naming
from tasks.models import Claim, Task
from tasks.queries.task_change import changeable_words, words_seen
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

WORTH_TELLING = ("place", "contact_name", "contact_phone", "requirements", "risk_note")
MAY_BE_EMPTY = ("requirements", "risk_note")


@transaction.atomic
def change_task(task: Task, *, words: Mapping[str, str], seen: str, by: Actor) -> bool:
    """Give a published task other words, and tell who has a place or waits where place, contact or risks have changed.

    `words` are some of WORDS, `seen` is the `words_seen` of what they were changed from. Whether anything changed comes
    back; if not, nothing has been written. What communities host of the city keeps the city's content and whom it
    serves; where the city changes these, it changes with them. Refused: what is over, what somebody else has changed
    meanwhile, an empty word, a text that says whose wish it is (domain rules 2 and 10).
    """
    by.require(Ability.PUBLISH, task.publisher)
    task = _hold(task)
    if task.status not in Task.ANNOUNCED:
        raise Refused(Reason.NOT_OPEN)
    if seen != words_seen(task):
        raise Refused(AccountsReason.STATE_CHANGED)
    new = {name: words[name].strip() for name in changeable_words(task) if name in words}
    changed = {name: said for name, said in new.items() if not _is_same(said, getattr(task, name))}
    if not changed:
        return False
    _refuse_empty(changed)
    why = "; ".join(f"{getattr(task, name)} → {said}" for name, said in changed.items())
    for name, said in changed.items():
        setattr(task, name, said)
    for wish in task.wishes.select_related("contact", "community__parent", "compound").order_by("pk"):
        refuse_naming(wish, task)
    task.save(update_fields=list(changed))
    record(task, "changed", by=by, why=why)
    _pass_on(task, changed, by=by)
    if changed.keys() & set(WORTH_TELLING):
        _tell(task)
    return True


def _hold(task: Task) -> Task:
    """The task as it is now, and as it stays until this is done."""
    return Task.objects.select_related("publisher").select_for_update(of=("self",), no_key=True).get(pk=task.pk)


def _is_same(said: str, before: str) -> bool:
    """A browser sends each line's end as two signs."""
    return said.splitlines() == before.splitlines()


def _refuse_empty(changed: Mapping[str, str]) -> None:
    for name, said in changed.items():
        if not said and name not in MAY_BE_EMPTY:
            raise Refused(Reason.FIELD_MISSING, field=name_of(name))


def _pass_on(task: Task, changed: Mapping[str, str], *, by: Actor) -> None:
    """What communities host of it says the same, as far as it is not over."""
    theirs = {name: said for name, said in changed.items() if name in Task.FROM_THE_CITY}
    if not (task.is_passed_down and theirs):
        return
    rows = task.children.exclude(status__in=Task.OVER).order_by("pk").select_for_update(of=("self",), no_key=True)
    keys = list(rows.values_list("pk", flat=True))
    Task.objects.filter(pk__in=keys).update(**theirs)
    record_all(Task, keys, "changed", by=by)


def _tell(task: Task) -> None:
    """Each who has a place to come or waits for one, once however many they are."""
    concerned = Claim.objects.filter(status__in=Claim.TO_SERVE, shift__task=task, shift__ends_at__gt=timezone.now())
    people = User.objects.filter(member__claims__in=concerned).distinct()
    notify(people, Notice.Kind.TASK_CHANGED, link=reverse("task", args=[task.pk]), task=task.title)
