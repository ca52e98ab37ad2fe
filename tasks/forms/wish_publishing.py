from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Organization
from tasks.actions.wish_publishing import TAKERS_AT_MOST, last_day_offered
from tasks.models import Task, Wish
from tasks.queries.task import audiences_of
from tasks.queries.wish_publishing import wish_in_public
from vanguard.lib.choosing import offer
from vanguard.lib.day_fields import DayField


class PublishWishForm(forms.ModelForm):
    """One wish as a task of its own: prefilled so that it can be published as it stands."""

    last_day = DayField(
        label=gettext_lazy("Can be taken until"),
        help_text=gettext_lazy("Member and resident agree on the time themselves."),
    )
    places = forms.IntegerField(
        label=gettext_lazy("How many members are needed"),
        min_value=1,
        max_value=TAKERS_AT_MOST,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    class Meta:
        model = Task
        fields = ["title", "content", "place", "served", "audience", "contact_name", "contact_phone"]
        widgets = {"content": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, data: Any = None, *, wish: Wish, by: Actor) -> None:
        publisher = by.organization
        assert publisher is not None
        initial = {
            "contact_name": by.user.name if by.user else "",
            "contact_phone": publisher.phone,
            "last_day": last_day_offered(),
            "places": 1,
            **wish_in_public(wish, by=by),
        }
        super().__init__(data, initial=initial, auto_id="publish_%s")
        choices = [organization.pk for organization in audiences_of(publisher)]
        offer(self, "audience", Organization.objects.filter(pk__in=choices).order_by("-path"))

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("title", "content")]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        """What is right for most wishes as it stands."""
        main = [field.name for field in self.main_fields]
        return [field for field in self if field.name not in main]

    @property
    def others_amiss(self) -> bool:
        return any(field.errors for field in self.other_fields)
