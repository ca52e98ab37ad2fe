from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.forms.limits import say_limits
from tasks.models import GroupProject
from tasks.models.group_project import MINUTES_AT_MOST, PEOPLE_AT_MOST


class ProjectForm(forms.ModelForm):
    """What a group does when it is asked."""

    class Meta:
        model = GroupProject
        fields = ["title", "what", "for_whom", "category", "minutes", "people"]
        widgets = {"what": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"for_whom": _("A kind of people, such as “elderly who live alone”; never a person.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_limits(self, "minutes", 1, MINUTES_AT_MOST)
        say_limits(self, "people", 1, PEOPLE_AT_MOST)
