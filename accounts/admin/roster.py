from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.move import record
from accounts.actions.roster import raise_version
from accounts.actions.roster_entry import relink, take_off
from accounts.admin.base import AdminForm, ReadOnlyAdmin, RecordedAdmin, administrator
from accounts.admin.site import register
from accounts.models import DistinctEntries, Roster, RosterEntry
from accounts.refusals import Reason
from vanguard.lib.addressing import address_key
from vanguard.lib.masking import mask_phone
from vanguard.lib.phone import PhoneField


class RosterEntryForm(AdminForm):
    phone = PhoneField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        community, compound = cleaned.get("community"), cleaned.get("compound")
        if compound and compound.parent_id != getattr(community, "pk", None):
            self.add_error("compound", str(Reason.FOREIGN_COMPOUND.label) % {"community": community or "–"})
        return cleaned


@register(RosterEntry)
class RosterEntryAdmin(RecordedAdmin):
    """A line stays with its unit. Deleting takes it off the list; the line itself is kept as history."""

    form = RosterEntryForm
    list_display = ["name", "masked_phone", "unit", "member", "removed_on"]
    list_filter = [("removed_on", admin.EmptyFieldListFilter), ("member", admin.EmptyFieldListFilter)]
    list_select_related = ["unit", "member__user"]
    search_fields = ["name", "^phone", "unit__name", "^unit__code"]
    autocomplete_fields = ["unit", "community", "compound", "member"]
    fields = ["unit", "name", "phone", "community", "compound", "address", "member", "removed_on", "merged_into"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*(["unit"] if obj else []), "removed_on", "merged_into"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and getattr(obj, "removed_on", None) is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and getattr(obj, "removed_on", None) is None

    def save_model(self, request: HttpRequest, obj: RosterEntry, form: Any, change: bool) -> None:
        raise_version(obj.unit)
        obj.address_key = address_key(obj.address)
        super().save_model(request, obj, form, change)
        if "member" not in form.changed_data:  # whom the administrator has chosen stays, and so does nobody
            relink(obj)

    def delete_model(self, request: HttpRequest, obj: RosterEntry) -> None:
        self.delete_queryset(request, RosterEntry.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        for entry in queryset.filter(removed_on=None).select_related("unit").order_by("unit", "pk"):
            raise_version(entry.unit)
            take_off(entry)
            record(entry, "taken off", by=administrator(request))

    @admin.display(description=_("mobile phone"), ordering="phone")
    def masked_phone(self, entry: RosterEntry) -> str:
        return mask_phone(entry.phone)


@register(Roster)
class RosterAdmin(ReadOnlyAdmin):
    list_display = ["unit", "version"]
    list_select_related = ["unit"]
    search_fields = ["unit__name", "^unit__code"]


@register(DistinctEntries)
class DistinctEntriesAdmin(ReadOnlyAdmin):
    """Which pairs of lines were said to be two people, by whom."""

    list_display = ["first", "second", "said_by", "said_at"]
    list_select_related = ["first__unit", "second__unit", "said_by"]
    search_fields = ["first__name", "^first__phone"]
