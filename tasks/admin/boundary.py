from django.http import HttpRequest

from accounts.admin.base import RecordedAdmin
from accounts.admin.site import register
from tasks.models import BoundaryLine


@register(BoundaryLine)
class BoundaryLineAdmin(RecordedAdmin):
    list_display = ["name", "code", "in_use"]
    list_filter = ["in_use"]
    search_fields = ["name", "code"]

    def get_readonly_fields(self, request: HttpRequest, obj: BoundaryLine | None = None) -> list[str]:
        """The drift report counts by code."""
        return ["code"] if obj else []
