from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import GroupClaim


@register(GroupClaim)
class GroupClaimAdmin(ReadOnlyAdmin):
    """A group's places are counted in its claims; its leader takes them and gives them back."""

    list_display = ["group", "shift", "leader", "status", "claimed_at"]
    list_filter = ["status"]
    list_select_related = ["group", "shift__task", "leader__user"]
    search_fields = ["group__name", "shift__task__title"]
    date_hierarchy = "claimed_at"
