from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.admin.base import ReadOnlyAdmin, ReadOnlyInline
from accounts.admin.site import register
from accounts.models import Record, RecordReason

# Each verb that an action writes, as the administrator reads it. A verb that is not here is shown as it was written.
VERBS = {
    "moved": pgettext_lazy("record", "moved"),
    "submitted": pgettext_lazy("record", "submitted"),
    "sent": pgettext_lazy("record", "sent"),
    "linked": pgettext_lazy("record", "taken into an account"),
    "written": pgettext_lazy("record", "written"),
    "published again": pgettext_lazy("record", "published again"),
    "widened": pgettext_lazy("record", "offered to more people"),
    "claimed": pgettext_lazy("record", "claimed"),
    "let go": pgettext_lazy("record", "kept places let go"),
    "waits": pgettext_lazy("record", "put on the waiting list"),
    "founded": pgettext_lazy("record", "founded"),
    "invited": pgettext_lazy("record", "invited"),
    "leader named": pgettext_lazy("record", "leader named"),
    "contact made": pgettext_lazy("record", "contact made"),
    "time agreed": pgettext_lazy("record", "time agreed"),
    "asked about hours": pgettext_lazy("record", "asked about new hours"),
    "new hours accepted": pgettext_lazy("record", "new hours accepted"),
    "reported": pgettext_lazy("record", "reported as done"),
    "revealed": pgettext_lazy("record", "revealed"),
    "verified": pgettext_lazy("record", "verified"),
    "edited": pgettext_lazy("record", "text for publishing edited"),
    "appealed": pgettext_lazy("record", "appealed"),
    "marked": pgettext_lazy("record", "marks changed"),
    "thanks passed on": pgettext_lazy("record", "thanks passed on"),
    "requested": pgettext_lazy("record", "requested"),
    "uploaded": pgettext_lazy("record", "uploaded"),
    "listed": pgettext_lazy("record", "put on the roster"),
    "mended": pgettext_lazy("record", "line changed"),
    "taken off": pgettext_lazy("record", "taken off the roster"),
    "merged": pgettext_lazy("record", "merged with another"),
    "merged away": pgettext_lazy("record", "merged into another"),
    "told apart": pgettext_lazy("record", "told apart"),
    "appointed": pgettext_lazy("record", "appointed"),
    "retired": pgettext_lazy("record", "retired"),
    "reinstated": pgettext_lazy("record", "reinstated"),
    "exempted": pgettext_lazy("record", "exempted"),
    "exemption ended": pgettext_lazy("record", "exemption ended"),
    "reminded": pgettext_lazy("record", "reminded"),
    "appointment ended": pgettext_lazy("record", "appointment ended"),
    "withdrawn": pgettext_lazy("record", "withdrawn before it began"),
    "handed over": pgettext_lazy("record", "handed over"),
    "account made": pgettext_lazy("record", "account made"),
    "added": pgettext_lazy("record", "added"),
    "discarded": pgettext_lazy("record", "draft thrown away"),
    "removed": pgettext_lazy("record", "removed"),
    "renamed": pgettext_lazy("record", "renamed"),
    "changed": pgettext_lazy("record", "changed"),
    "closed": pgettext_lazy("record", "closed"),
    "reopened": pgettext_lazy("record", "reopened"),
    "carried over": pgettext_lazy("record", "carried over"),
    "reset issued": pgettext_lazy("record", "reset issued"),
    "admin added": pgettext_lazy("record", "admin added"),
    "admin changed": pgettext_lazy("record", "admin changed"),
    "admin deleted": pgettext_lazy("record", "admin deleted"),
    "outcome told": pgettext_lazy("record", "outcome told"),
    "applied": pgettext_lazy("record", "applied"),
    "asked": pgettext_lazy("record", "asked to follow"),
    "began": pgettext_lazy("record", "term begun"),
    "ended": pgettext_lazy("record", "term ended"),
    "calendar opened": pgettext_lazy("record", "calendar address made"),
    "added on the spot": pgettext_lazy("record", "added on the spot"),
    "place added": pgettext_lazy("record", "place added for who came"),
    "noted": pgettext_lazy("record", "noted what the day left"),
    "photo removed": pgettext_lazy("record", "photo removed"),
    "asked to join": pgettext_lazy("record", "asked to join"),
    "asked no more": pgettext_lazy("record", "asked no more"),
    "said no": pgettext_lazy("record", "said no"),
    "end wished": pgettext_lazy("record", "end asked for"),
    "end not wished": pgettext_lazy("record", "end no longer asked for"),
    "calendar closed": pgettext_lazy("record", "calendar address switched off"),
    "corrected": pgettext_lazy("record", "corrected after it was published"),
    "photos added": pgettext_lazy("record", "photos added, those shown agree"),
    "sealed": pgettext_lazy("record", "sealed"),
    "photos taken out": pgettext_lazy("record", "photos taken out"),
    "entered afterwards": pgettext_lazy("record", "service entered afterwards"),
    "rule set": pgettext_lazy("record", "rule set"),
    "year locked": pgettext_lazy("record", "year locked"),
    "awarded": pgettext_lazy("record", "flag awarded"),
    "taken back": pgettext_lazy("record", "flags taken back"),
    "lit again": pgettext_lazy("record", "flags lit again"),
}


def state_words(row: Record, state: str) -> str:
    """What the kind of row calls this state; records outlive kinds and states, whose code is then all there is."""
    names = getattr(row.subject_type.model_class(), "Status", None)
    return str(dict(names.choices).get(state, state)) if names else state


class ReasonInline(ReadOnlyInline):
    model = RecordReason


@register(Record)
class RecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "verb_words", "subject_link", "old_state", "new_state", "user", "appointment"]
    list_filter = ["at", "subject_type"]
    list_select_related = ["user", "appointment__organization", "subject_type"]
    search_fields = ["=subject_id", "^verb", "user__name", "^user__phone"]
    search_help_text = _("Number of the row, what was done, or the name or phone of who did it")
    fields = ["at", "verb_words", "subject_link", "old_state", "new_state", "user", "appointment"]
    inlines = [ReasonInline]

    @admin.display(description=_("what"), ordering="verb")
    def verb_words(self, row: Record) -> str:
        return str(VERBS.get(row.verb, row.verb))

    @admin.display(description=_("from"))
    def old_state(self, row: Record) -> str:
        return state_words(row, row.old_status)

    @admin.display(description=_("to"))
    def new_state(self, row: Record) -> str:
        return state_words(row, row.new_status)

    @admin.display(description=_("of what"))
    def subject_link(self, row: Record) -> str:
        """By kind and number: fetching each row only to name it would cost a query a line."""
        kind = row.subject_type
        words = f"{kind.name} {row.subject_id}"
        try:
            address = reverse(f"admin:{kind.app_label}_{kind.model}_change", args=[row.subject_id])
        except NoReverseMatch:
            return words
        return format_html('<a href="{}">{}</a>', address, words)


@register(RecordReason)
class RecordReasonAdmin(ReadOnlyAdmin):
    list_display = ["text", "record"]
    list_select_related = ["record"]
    search_fields = ["text"]
