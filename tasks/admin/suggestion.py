from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.admin.contact import ContactAdmin
from tasks.models import Suggestion, SuggestionContact, SuggestionPhoto


@register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    """What is suggested and what became of it; of a resident neither account nor contact stands here."""

    list_display = ["number", "text", "category", "community", "status", "created_at"]
    list_filter = ["status", "category"]
    list_select_related = ["community", "author__user"]
    search_fields = ["^number", "text", "community__name", "^community__code"]
    date_hierarchy = "created_at"
    fields = [
        "number",
        "community",
        "author",
        "category",
        "text",
        "status",
        "since",
        "answer",
        "reason",
        "outcome",
        "created_at",
        "answered_at",
        "decided_at",
        "outcome_at",
        "contact_link",
    ]
    readonly_fields = ["contact_link"]

    @admin.display(description=_("resident's contact"))
    def contact_link(self, suggestion: Suggestion) -> str:
        contact = SuggestionContact.objects.filter(suggestion=suggestion).values_list("pk", flat=True).first()
        if contact is None:
            return "–"
        address = reverse("admin:tasks_suggestioncontact_change", args=[contact])
        return format_html('<a href="{}">{}</a>', address, _("Reveal (this is recorded)"))


@register(SuggestionContact)
class SuggestionContactAdmin(ContactAdmin):
    owner = "suggestion"
    fields = ["suggestion", "name", "phone", "consent_version"]
    list_select_related = ["suggestion"]


@register(SuggestionPhoto)
class SuggestionPhotoAdmin(ReadOnlyAdmin):
    """That there is a photo, not the photo: it is for who answers."""

    list_display = ["suggestion", "created_at"]
    list_select_related = ["suggestion"]
    fields = ["suggestion", "created_at"]
