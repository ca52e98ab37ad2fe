from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import ActivityPhoto, ActivityReport


@register(ActivityReport)
class ActivityReportAdmin(ReadOnlyAdmin):
    list_display = ["task", "status", "published_at", "corrected_at"]
    list_filter = ["status"]
    list_select_related = ["task"]
    search_fields = ["task__title", "task__publisher__name"]
    fields = ["task", "words", "status", "created_at", "published_at", "corrected_at"]


@register(ActivityPhoto)
class ActivityPhotoAdmin(ReadOnlyAdmin):
    """That there is a photo, not the photo: it is for who reads the report."""

    list_display = ["report", "created_at"]
    list_select_related = ["report__task"]
    fields = ["report", "created_at"]
