from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin.base import ReadOnlyAdmin, ReadOnlyInline
from accounts.admin.site import register
from tasks.models import GroupMembership, HelperGroup


class MembershipInline(ReadOnlyInline):
    model = GroupMembership

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("group", "member__user")


@register(HelperGroup)
class HelperGroupAdmin(ReadOnlyAdmin):
    """Who belongs to a group has said so: nobody, an administrator neither, puts a member in."""

    list_display = ["name", "kind", "community", "leader", "status", "created_at"]
    list_filter = ["status", "kind"]
    list_select_related = ["community", "leader__user"]
    search_fields = ["name", "community__name", "leader__user__name"]
    date_hierarchy = "created_at"
    inlines = [MembershipInline]


@register(GroupMembership)
class GroupMembershipAdmin(ReadOnlyAdmin):
    list_display = ["member", "group", "status"]
    list_filter = ["status"]
    list_select_related = ["group", "member__user"]
    search_fields = ["group__name", "member__user__name", "^member__number"]
