from typing import Any

from django import forms
from django.forms.models import model_to_dict

from tasks.forms.seen import SeenForm
from tasks.models import Task
from tasks.queries.task_change import WORDS, changeable_words, words_seen


class TaskChangeForm(SeenForm, forms.ModelForm):
    """The words of a published task; those that the city gave are left out."""

    class Meta:
        model = Task
        fields = WORDS
        widgets = {
            "content": forms.Textarea(attrs={"rows": 4}),
            "requirements": forms.Textarea(attrs={"rows": 2}),
            "risk_note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, sent: Any = None, *, task: Task) -> None:
        initial = {**model_to_dict(task, fields=WORDS), "seen": words_seen(task)}
        super().__init__(sent, initial=initial)
        for name in set(WORDS) - set(changeable_words(task)):
            del self.fields[name]

    @property
    def words(self) -> dict[str, str]:
        return {name: said for name, said in self.cleaned_data.items() if name in WORDS}

    def other_than(self, task: Task) -> list[tuple[str, str]]:
        """Field by field, where the task says something else than what is typed here."""
        typed = ((name, str(self.data.get(name, "")).strip()) for name in WORDS if name in self.fields)
        differ = (name for name, said in typed if said.splitlines() != getattr(task, name).splitlines())
        return [(str(self.fields[name].label), getattr(task, name)) for name in differ]
