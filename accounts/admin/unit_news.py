from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import UnitNews


@register(UnitNews)
class UnitNewsAdmin(ReadOnlyAdmin):
    """What units were told of their members, and whether they have read it."""

    list_display = ["unit", "member", "kind", "told_at", "read_at", "read_by"]
    list_filter = ["kind"]
    list_select_related = ["unit", "member__user", "read_by"]
    search_fields = ["unit__name", "^unit__code", "member__user__name", "^member__number"]
    date_hierarchy = "told_at"
