from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import Attendance, Tick


@register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin):
    """What was seen on the day; who was there is confirmed by the community, never here."""

    list_display = ["claim", "mark", "marked_at", "signed_in_at", "signed_out_at", "companions_came"]
    list_filter = ["mark"]
    list_select_related = ["claim__member__user", "claim__shift__task"]
    search_fields = ["claim__member__user__name", "^claim__member__number", "claim__shift__task__title"]


@register(Tick)
class TickAdmin(ReadOnlyAdmin):
    list_display = ["claim", "mark", "at", "received", "by_user"]
    list_filter = ["mark"]
    list_select_related = ["claim__member__user", "claim__shift__task", "by_user"]
    search_fields = ["claim__member__user__name", "^claim__member__number", "claim__shift__task__title"]
    date_hierarchy = "at"
