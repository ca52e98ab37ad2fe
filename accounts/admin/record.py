from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, ReadOnlyInline
from accounts.admin.site import register
from accounts.models import Record, RecordReason


class ReasonInline(ReadOnlyInline):
    model = RecordReason


@register(Record)
class RecordAdmin(ReadOnlyAdmin):
    list_display = ["at", "verb", "subject_link", "old_status", "new_status", "user", "appointment"]
    list_filter = ["at", "subject_type"]
    list_select_related = ["user", "appointment__organization", "subject_type"]
    search_fields = ["=subject_id", "^verb", "user__name", "^user__phone"]
    search_help_text = _("Number of the row, what was done, or the name or phone of who did it")
    fields = ["at", "verb", "subject_link", "old_status", "new_status", "user", "appointment"]
    inlines = [ReasonInline]

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
