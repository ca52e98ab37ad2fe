"""What the city asks of its communities, and what a community adds to it."""

from typing import Any

from django.forms.models import model_to_dict
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from tasks.forms.shift import ShiftFormSet
from tasks.forms.task import NOT_OF_THE_TASK, RARE, TaskForm, TaskWriting
from tasks.models import Task
from vanguard.lib.day_fields import DayField

NOT_THE_CITYS = ("audience", "opens_at", "companions_at_most", "first_minutes", "sign_in")
THE_COMMUNITYS = ("title", "place", "contact_name", "contact_phone", *NOT_OF_THE_TASK, *RARE)


class PassDownForm(TaskForm):
    """What publishing asks, but when: communities hold it when they can, until a last day."""

    host_by = DayField(
        label=_("Communities host it by"),
        help_text=_("The last day on which a community may hold it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NOT_THE_CITYS:
            del self.fields[name]


class HostForm(TaskForm):
    """What a community decides about a task of the city; to begin with, as the city has it."""

    def __init__(self, data: Any, *, parent: Task, community: Organization, contact: str) -> None:
        said = model_to_dict(parent, fields=["title", "requirements", "risk_note"])
        own = {"place": community.name, "contact_name": contact, "contact_phone": community.phone}
        super().__init__(data, publisher=community, initial={**said, **own})
        for name in set(self.fields) - set(THE_COMMUNITYS):
            del self.fields[name]


class HostWriting(TaskWriting):
    """What a community decides, and its shifts: published at once, there are no drafts of it."""

    def __init__(self, data: Any = None, *, parent: Task, community: Organization, contact: str) -> None:
        self.keeps_drafts = self.is_draft = False
        self.task = HostForm(data, parent=parent, community=community, contact=contact)
        self.shifts = ShiftFormSet(data, prefix="shift")
