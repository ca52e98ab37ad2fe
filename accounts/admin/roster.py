from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import AdminForm, RecordedAdmin
from accounts.admin.site import register
from accounts.models import RosterEntry
from vanguard.lib.masking import mask_phone
from vanguard.lib.phone import PhoneField


class RosterEntryForm(AdminForm):
    phone = PhoneField()


@register(RosterEntry)
class RosterEntryAdmin(RecordedAdmin):
    form = RosterEntryForm
    list_display = ["name", "masked_phone", "unit", "member"]
    list_filter = [("member", admin.EmptyFieldListFilter)]
    list_select_related = ["unit", "member__user"]
    search_fields = ["name", "^phone", "unit__name", "^unit__code"]
    autocomplete_fields = ["unit", "member"]

    @admin.display(description=_("mobile phone"), ordering="phone")
    def masked_phone(self, entry: RosterEntry) -> str:
        return mask_phone(entry.phone)
