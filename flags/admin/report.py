from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from flags.models import ComplianceReport, ComplianceRow, CorrectionReason, ReportRun, RowName


@register(ComplianceReport)
class ComplianceReportAdmin(ReadOnlyAdmin):
    list_display = ["unit", "year", "version", "status", "number", "as_of", "built_at", "rows_link"]
    list_filter = ["year", "status"]
    list_select_related = ["unit"]
    search_fields = ["unit__name", "^unit__code", "=number"]
    fields = [
        "unit",
        "year",
        "version",
        "status",
        "as_of",
        "built_at",
        "number",
        "digest",
        "locked_at",
        "locked_by",
        "locked_as",
        "corrects",
        "rows_link",
    ]

    @admin.display(description=_("lines"))
    def rows_link(self, report: ComplianceReport) -> str:
        address = reverse("admin:flags_compliancerow_changelist")
        return format_html('<a href="{}?report__id__exact={}">{}</a>', address, report.pk, _("Show the lines"))


@register(CorrectionReason)
class CorrectionReasonAdmin(ReadOnlyAdmin):
    list_display = ["report", "text"]
    list_select_related = ["report__unit"]
    search_fields = ["text", "=report__number", "report__unit__name"]


@register(ComplianceRow)
class ComplianceRowAdmin(ReadOnlyAdmin):
    list_display = ["member_number", "report", "flags", "required", "state", "q1", "q2", "q3", "q4", "services"]
    list_filter = ["state"]
    list_select_related = ["report__unit", "member__user"]
    search_fields = ["^member_number", "name__text", "report__unit__name", "=report__year"]


@register(RowName)
class RowNameAdmin(ReadOnlyAdmin):
    list_display = ["text", "row"]
    list_select_related = ["row"]
    search_fields = ["text", "^row__member_number"]


@register(ReportRun)
class ReportRunAdmin(ReadOnlyAdmin):
    """How far each request for reports has come, and who asked."""

    list_display = ["scope", "year", "status", "units_done", "units_total", "requested_by", "requested_at"]
    list_filter = ["status", "year"]
    list_select_related = ["scope", "requested_by"]
    search_fields = ["scope__name", "^scope__code"]
    date_hierarchy = "requested_at"
