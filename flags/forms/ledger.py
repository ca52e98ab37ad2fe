from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Member, Role
from flags.actions.late_entry import Served
from flags.models import AwardMatter
from flags.queries.late_entry import value_at_most
from flags.queries.ledger import members_known_by
from tasks.models.task import Category
from vanguard.lib.choosing import offer
from vanguard.lib.day_fields import DayField, TimeOfDayField

WORDS = {"rows": 3}


class WhyForm(forms.Form):
    """Why flags are taken back, lit again or not lit at all: the people concerned read it."""

    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=300, widget=forms.Textarea(attrs=WORDS))


class WhoForm(forms.Form):
    """A member, named in full: by name, number or mobile phone."""

    who = forms.CharField(
        label=gettext_lazy("Member"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Name, member number or mobile phone, in full."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_who(self) -> Member:
        found = list(members_known_by(self.by, self.cleaned_data["who"])[:10])
        if not found:
            raise ValidationError(_("Nobody of that name or number has lived here. Check how it is written."))
        if len(found) > 1:
            numbers = "、".join(member.number for member in found)
            raise ValidationError(
                _("Several have this name. Type the member number: %(numbers)s.") % {"numbers": numbers}
            )
        return found[0]


class MatterAwardForm(WhoForm):
    matter = forms.ModelChoiceField(AwardMatter.objects.none(), label=gettext_lazy("For which matter?"))
    day = DayField(label=gettext_lazy("Which day?"))
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=300,
        widget=forms.Textarea(attrs=WORDS),
        help_text=gettext_lazy("The member reads it."),
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        offer(self, "matter", AwardMatter.objects.visible_to(by).awardable(timezone.localdate()), empty=_("Choose"))


class LateEntryForm(WhoForm):
    day = DayField(label=gettext_lazy("Which day?"))
    begins = TimeOfDayField(label=gettext_lazy("From"))
    ends = TimeOfDayField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("An earlier time than the beginning is that of the next day."),
    )
    what = forms.CharField(label=gettext_lazy("What was done?"), max_length=120)
    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=Category.choices)
    value = forms.IntegerField(label=gettext_lazy("Flags"), initial=1, min_value=1)
    reason = forms.CharField(
        label=gettext_lazy("Why is it entered afterwards?"), max_length=300, widget=forms.Textarea(attrs=WORDS)
    )
    late_reason = forms.CharField(
        label=gettext_lazy("Why after the year's deadline?"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs=WORDS),
        help_text=gettext_lazy("Only for a year whose deadline is over."),
    )
    sent_once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        assert by.organization is not None
        most = value_at_most(by.organization.city_path, timezone.localdate().year, by)
        self.fields["value"].help_text = _("1 to %(most)s, by the year's rule.") % {"most": most}
        if by.role != Role.CITY_OFFICER:
            del self.fields["late_reason"]

    @property
    def served(self) -> Served:
        """As the action takes it; an end before the beginning is that of the next day."""
        data = self.cleaned_data
        starts_at = moment(data["day"], data["begins"])
        ends_at = moment(data["day"], data["ends"])
        if data["ends"] < data["begins"]:
            ends_at = moment(data["day"] + timedelta(days=1), data["ends"])
        return Served(
            starts_at=starts_at,
            ends_at=ends_at,
            category=data["category"],
            value=data["value"],
            what=data["what"],
            reason=data["reason"],
        )


def moment(day: date, time_of_day: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, time_of_day))


class MatterForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the matter"), max_length=60)
    since = DayField(label=gettext_lazy("Counts from"), required=False, help_text=gettext_lazy("Empty: from always."))
    until = DayField(
        label=gettext_lazy("Counts until"),
        required=False,
        help_text=gettext_lazy("The last day. For one stated day the same as the first; empty: for always."),
    )
