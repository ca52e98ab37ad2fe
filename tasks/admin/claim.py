from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import Claim


@register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Service is voluntary: nobody, an administrator neither, puts a member on a list."""

    list_display = ["member", "shift", "community", "starts_at", "status", "claimed_at", "reported_at"]
    list_filter = ["status"]
    list_select_related = ["member__user", "shift__task", "community"]
    search_fields = ["member__user__name", "^member__number", "shift__task__title", "community__name"]
    date_hierarchy = "starts_at"
