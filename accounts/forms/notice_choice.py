import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Notice, Topic, User
from accounts.models.notice_topic import ALWAYS_TOLD, KINDS, topics_for

WAYS = {"app": _("In the app"), "mail": _("By mail")}
SWITCHES = [f"{topic}-{way}-{to}" for topic in Topic for way in WAYS for to in ("on", "off")]


@dataclass(frozen=True)
class KindRow:
    """One kind of notice on the page: its sentence with gaps, and which boxes are ticked."""

    kind: Notice.Kind
    app: bool
    mail: bool

    @property
    def always(self) -> bool:
        return self.kind in ALWAYS_TOLD

    @property
    def sentence(self) -> str:
        said = str(self.kind.label) % defaultdict(lambda: "…")
        said = re.sub(r"…(?:[\s,，、:：]*…)+", "…", said)
        return re.sub(r"…[.。]$", "…", said)


@dataclass(frozen=True)
class Switch:
    """All kinds of a topic, one way: how many of those that can be chosen are on, and the press that sets them all."""

    topic: Topic
    way: str
    on: int
    of: int

    @property
    def label(self) -> Any:
        return WAYS[self.way]

    @property
    def state(self) -> str:
        return {0: "off", self.of: "on"}.get(self.on, "some") if self.of else "always"

    @property
    def press(self) -> str:
        return f"{self.topic}-{self.way}-{'off' if self.state == 'on' else 'on'}"


@dataclass(frozen=True)
class TopicCard:
    topic: Topic
    kinds: list[KindRow]

    @property
    def switches(self) -> list[Switch]:
        free = [row for row in self.kinds if not row.always]
        return [
            Switch(self.topic, "app", sum(row.app for row in free), len(free)),
            Switch(self.topic, "mail", sum(row.mail for row in self.kinds), len(self.kinds)),
        ]

    @property
    def has_always(self) -> bool:
        return any(row.always for row in self.kinds)


class NoticeChoiceForm(forms.Form):
    """A box for each kind and way that the page has `shown`, a switch for all of a topic, and the quiet hours.

    A box that is not ticked is not sent, so the page says what it has shown: what it has not, stays as it was.
    """

    shown = forms.MultipleChoiceField(choices=Notice.Kind.choices, required=False)
    app = forms.MultipleChoiceField(choices=Notice.Kind.choices, required=False)
    mail = forms.MultipleChoiceField(choices=Notice.Kind.choices, required=False)
    switch = forms.ChoiceField(choices=[(name, name) for name in SWITCHES], required=False)
    quiet_from = forms.TimeField(label=_("From"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_until = forms.TimeField(label=_("Until"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))

    def __init__(self, *args: Any, user: User, roles: set[str], **kwargs: Any) -> None:
        self.user, self.topics = user, topics_for(roles)
        initial = {"quiet_from": user.quiet_from, "quiet_until": user.quiet_until}
        super().__init__(*args, **{**kwargs, "initial": initial})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if not self.errors and (begins is None) != (ends is None):
            self.add_error(
                "quiet_from" if begins is None else "quiet_until", _("Say from when until when, or neither.")
            )
        elif begins is not None and begins == ends:
            self.add_error("quiet_until", _("Quiet hours cannot begin and end at the same time."))
        return cleaned

    def clean_quiet_from(self) -> Any:
        return _to_the_minute(self.cleaned_data["quiet_from"])

    def clean_quiet_until(self) -> Any:
        return _to_the_minute(self.cleaned_data["quiet_until"])

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """What the boxes say, with the switch of a topic pressed last."""
        cleaned = self.cleaned_data
        chosen = {name: set(cleaned[name]) for name in ("shown", "app", "mail")}
        if cleaned["switch"]:
            topic, way, to = cleaned["switch"].split("-")
            kinds = set(KINDS[Topic(topic)])
            chosen[way] = chosen[way] | kinds if to == "on" else chosen[way] - kinds
        return {**chosen, "quiet_from": cleaned["quiet_from"], "quiet_until": cleaned["quiet_until"]}

    @property
    def anchor(self) -> str:
        """Where on the page the person was: at the topic whose switch was pressed."""
        topic, _dash, _rest = self.cleaned_data["switch"].partition("-")
        return f"#{topic}" if topic else ""

    @property
    def cards(self) -> list[TopicCard]:
        """The topics that can reach this person, boxes ticked as they have been sent or else as they stand."""
        return [TopicCard(topic, [self._row(kind) for kind in KINDS[topic]]) for topic in self.topics]

    def _row(self, kind: Notice.Kind) -> KindRow:
        if kind in self._sent["shown"]:
            return KindRow(kind, kind in self._sent["app"], kind in self._sent["mail"])
        return KindRow(kind, self.user.is_told(kind), kind not in self.user.mail_off)

    @cached_property
    def _sent(self) -> dict[str, set[str]]:
        """The boxes as they have been sent, well or not."""
        return {name: set(self[name].value() or ()) for name in ("shown", "app", "mail")}


def _to_the_minute(value: Any) -> Any:
    return value and value.replace(second=0, microsecond=0)
