from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import RosterImport, RosterImportLine
from vanguard.lib.masking import mask_name


@register(RosterImport)
class RosterImportAdmin(ReadOnlyAdmin):
    """What was uploaded for which unit and how far it has come; the file itself is gone once it has been read."""

    list_display = ["unit", "file_name", "status", "lines_total", "requested_by", "uploaded_at", "applied_at"]
    list_filter = ["status"]
    list_select_related = ["unit", "requested_by"]
    search_fields = ["unit__name", "^unit__code", "file_name"]
    fields = [
        "unit",
        "file_name",
        "status",
        "problem_list",
        "lines_total",
        "lines_done",
        "remove_missing",
        "requested_by",
        "appointment",
        "uploaded_at",
        "applied_at",
    ]

    @admin.display(description=_("what is wrong"))
    def problem_list(self, roster_import: RosterImport) -> str:
        return " ".join(roster_import.problems)


@register(RosterImportLine)
class RosterImportLineAdmin(ReadOnlyAdmin):
    """Masked: the people of a list are its unit's to see."""

    list_display = ["roster_import", "row", "kind", "masked_name"]
    list_filter = ["kind"]
    list_select_related = ["roster_import__unit"]
    search_fields = ["roster_import__unit__name", "^roster_import__unit__code"]
    fields = ["roster_import", "row", "kind", "masked_name"]

    @admin.display(description=_("name"))
    def masked_name(self, line: RosterImportLine) -> str:
        return mask_name((line.values or line.before).get("name", ""))
