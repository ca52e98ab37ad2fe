"""Which words of a published task may change, and what a task or draft was when somebody began to change it."""

from tasks.models import Task
from vanguard.lib.fingerprint import fingerprint

WORDS = ("title", "content", "place", "contact_name", "contact_phone", "requirements", "risk_note", "served")


def changeable_words(task: Task) -> tuple[str, ...]:
    """All of WORDS; but what a community hosts keeps what the city says of it."""
    return tuple(name for name in WORDS if task.parent_id is None or name not in Task.FROM_THE_CITY)


def words_seen(task: Task) -> str:
    """What a form for changing them is opened with."""
    return fingerprint(*(getattr(task, name) for name in WORDS))


def draft_seen(draft: Task) -> str:
    """What the form of a draft is opened with: all that it says, and its shifts."""
    fields = (field.value_from_object(draft) for field in Task._meta.concrete_fields)
    return fingerprint(*fields, *draft.shifts.order_by("pk").values_list())
