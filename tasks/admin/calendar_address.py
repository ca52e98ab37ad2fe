from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import CalendarAddress


@register(CalendarAddress)
class CalendarAddressAdmin(ReadOnlyAdmin):
    """That there is one, and since when; the address itself is its member's alone."""

    list_display = ["member", "made_at"]
    list_select_related = ["member__user"]
    search_fields = ["member__user__name", "^member__number"]
    fields = ["member", "made_at"]
