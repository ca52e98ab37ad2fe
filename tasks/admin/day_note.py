from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import DayNote, DayPhoto


@register(DayNote)
class DayNoteAdmin(ReadOnlyAdmin):
    list_display = ["shift", "family", "retired", "residents"]
    list_select_related = ["shift__task"]
    search_fields = ["shift__task__title"]


@register(DayPhoto)
class DayPhotoAdmin(ReadOnlyAdmin):
    """That there is a photo, not the photo: it is for the staff of that day."""

    list_display = ["shift", "created_at"]
    list_select_related = ["shift__task"]
    fields = ["shift", "created_at"]
