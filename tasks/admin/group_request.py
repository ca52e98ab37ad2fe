from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import GroupProject, GroupRequest


@register(GroupProject)
class GroupProjectAdmin(ReadOnlyAdmin):
    list_display = ["title", "group", "category", "status"]
    list_filter = ["status", "category"]
    list_select_related = ["group"]
    search_fields = ["title", "group__name"]


@register(GroupRequest)
class GroupRequestAdmin(ReadOnlyAdmin):
    """A resident's is seen with its wish, which names nobody here."""

    list_display = ["project", "group", "status", "since", "starts_at"]
    list_filter = ["status"]
    list_select_related = ["project", "group"]
    search_fields = ["group__name", "project__title"]
    date_hierarchy = "since"
