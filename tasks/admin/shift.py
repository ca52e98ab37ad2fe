from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import Shift


@register(Shift)
class ShiftAdmin(ReadOnlyAdmin):
    """Times and places are promises to those who claimed them; they change by the publisher's actions only."""

    list_display = ["task", "starts_at", "ends_at", "by_agreement", "taken", "capacity", "status"]
    list_filter = ["status", "by_agreement"]
    list_select_related = ["task__publisher"]
    search_fields = ["task__title", "task__publisher__name"]
    date_hierarchy = "starts_at"
    fields = ["task", "starts_at", "ends_at", "by_agreement", "skill", "capacity", "taken", "status"]
