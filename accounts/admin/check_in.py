from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import CheckIn


@register(CheckIn)
class CheckInAdmin(ReadOnlyAdmin):
    """Sent by the member, reviewed by the community (domain rule 1); an administrator looks on."""

    list_display = ["member", "community", "unit", "status", "submitted_at", "approved_on"]
    list_filter = ["status"]
    list_select_related = ["member__user", "community", "unit"]
    search_fields = ["member__user__name", "^member__number", "community__name", "unit__name"]
    date_hierarchy = "submitted_at"
