from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import Beat


@register(Beat)
class BeatAdmin(ReadOnlyAdmin):
    """The newest line shows that the clock is alive."""

    list_display = ["job", "period", "at"]
    list_filter = ["job"]
    search_fields = ["job", "period"]
    ordering = ["-at"]
    date_hierarchy = "at"
