from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import KeptAdmin, ReadOnlyAdmin
from accounts.admin.site import register
from tasks.admin.contact import ContactAdmin
from tasks.models import Wish, WishContact, WishPhoto


@register(Wish)
class WishAdmin(KeptAdmin):
    """What is asked for, without who asks: neither sender nor contact stand here or can be searched for."""

    list_display = ["number", "text", "category", "community", "status", "created_at"]
    list_filter = ["status", "category"]
    list_select_related = ["community"]
    search_fields = ["^number", "text", "community__name", "^community__code"]
    date_hierarchy = "created_at"
    fields = [
        "number",
        "community",
        "channel",
        "category",
        "text",
        "edited_text",
        "place",
        "wanted_when",
        "for_whom",
        "status",
        "since",
        "answer",
        "task",
        "merged_into",
        "rating",
        "created_at",
        "contact_link",
    ]
    readonly_fields = [
        "number",
        "community",
        "channel",
        "text",
        "for_whom",
        "status",
        "since",
        "task",
        "merged_into",
        "rating",
        "created_at",
        "contact_link",
    ]

    @admin.display(description=_("resident's contact"))
    def contact_link(self, wish: Wish) -> str:
        contact = WishContact.objects.filter(wish=wish).values_list("pk", flat=True).first()
        if contact is None:
            return "–"
        address = reverse("admin:tasks_wishcontact_change", args=[contact])
        return format_html('<a href="{}">{}</a>', address, _("Reveal (this is recorded)"))


@register(WishContact)
class WishContactAdmin(ContactAdmin):
    owner = "wish"
    fields = [
        "wish",
        "name",
        "phone",
        "other_way",
        "for_name",
        "for_phone",
        "for_consent",
        "consent_version",
    ]
    list_select_related = ["wish"]


@register(WishPhoto)
class WishPhotoAdmin(ReadOnlyAdmin):
    """That there is a photo, not the photo: it is for those who help."""

    list_display = ["wish", "claim", "created_at"]
    list_select_related = ["wish", "claim__member__user", "claim__shift__task"]
    fields = ["wish", "claim", "created_at"]
