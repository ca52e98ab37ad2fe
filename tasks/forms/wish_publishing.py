from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.models import Organization
from tasks.actions.wish_publishing import TAKERS_AT_MOST, last_day_offered
from tasks.models import Task, Wish
from tasks.models.task import Category
from tasks.queries.task import audiences_of
from tasks.queries.wish_publishing import home_of, words_of_contact
from vanguard.lib.choosing import offer
from vanguard.lib.redacting import without_personal_data

TITLE_AT_MOST = 24
CONTENT_AT_MOST = 2000


class PublishWishForm(forms.ModelForm):
    """One wish as a task of its own: prefilled so that it can be published as it stands."""

    last_day = forms.DateField(
        label=gettext_lazy("Can be taken until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
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
        contact = {"contact_name": by.user.name if by.user else "", "contact_phone": publisher.phone}
        super().__init__(data, initial={**contact, **wish_in_public(wish, by=by)}, auto_id="publish_%s")
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


def wish_in_public(wish: Wish, *, by: Actor) -> dict[str, Any]:
    """What the task of one wish says unless somebody changes it: nothing of who asked or behind which door."""
    content = public_text(wish)
    return {
        "title": _title(wish, content),
        "content": content,
        "category": Category.MICRO_WISH,
        "place": home_of(wish).name,
        "served": _served(wish),
        "audience": by.organization,
        "last_day": last_day_offered(),
        "places": 1,
    }


def wishes_in_public(wishes: Sequence[Wish], *, by: Actor) -> dict[str, Any]:
    """The same for an activity made of several."""
    homes = {home_of(wish) for wish in wishes}
    home = homes.pop() if len(homes) == 1 else by.organization
    room = CONTENT_AT_MOST // len(wishes) - len("20. \r\n")  # a browser sends each line's end as two
    texts = (Truncator(" ".join(public_text(wish).split())).chars(room) for wish in wishes)
    return {
        "title": _("%(n)s wishes of residents") % {"n": len(wishes)},
        "content": "\n".join(f"{n}. {text}" for n, text in enumerate(texts, start=1)),
        "category": Category.MICRO_WISH,
        "place": home.name if home else "",
        "served": _("the residents"),
    }


def public_text(wish: Wish) -> str:
    return without_personal_data(wish.public_text, names=words_of_contact(wish)).strip()


def _title(wish: Wish, text: str) -> str:
    """The category and the first words: in a list one wish is told from the next."""
    lines = text.splitlines()
    words = Truncator(lines[0].rstrip("。.！!；;，, ") if lines else "").chars(TITLE_AT_MOST)
    return _("%(category)s: %(words)s") % {"category": wish.get_category_display(), "words": words}


def _served(wish: Wish) -> str:
    if wish.for_whom == Wish.ForWhom.EVERYONE:
        return _("the residents")
    return _("a child of the community") if wish.for_minor else _("a resident of the community")
