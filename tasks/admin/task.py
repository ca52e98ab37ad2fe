from accounts.admin.base import KeptAdmin
from accounts.admin.site import register
from tasks.models import Task


@register(Task)
class TaskAdmin(KeptAdmin):
    """An administrator mends words. Who publishes to whom, for how many flags, is decided under a hat."""

    list_display = ["title", "category", "publisher", "audience", "flag_value", "status", "opens_at"]
    list_filter = ["status", "category", "flag_value"]
    list_select_related = ["publisher", "audience"]
    search_fields = ["title", "place", "publisher__name", "^publisher__code"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "publisher",
        "audience",
        "category",
        "flag_value",
        "boundary_line",
        "justification",
        "opens_at",
        "first_minutes",
        "companions_at_most",
        "sign_in",
        "parent",
        "host_by",
        "repeats",
        "status",
        "cancel_reason",
        "created_at",
    ]
