from accounts.admin.base import ReadOnlyAdmin, ReadOnlyInline
from accounts.admin.site import register
from flags.models import AwardReason, FlagAward


class ReasonInline(ReadOnlyInline):
    model = AwardReason


@register(FlagAward)
class FlagAwardAdmin(ReadOnlyAdmin):
    """The ledger: taking a flag back is a line of its own, written by the community or the city."""

    list_display = ["member", "value", "category", "served_on", "unit", "community", "awarded_at"]
    list_filter = ["year", "category"]
    list_select_related = ["member__user", "unit", "community"]
    search_fields = ["member__user__name", "^member__number", "community__name", "unit__name"]
    date_hierarchy = "served_on"
    inlines = [ReasonInline]


@register(AwardReason)
class AwardReasonAdmin(ReadOnlyAdmin):
    list_display = ["text", "award"]
    list_select_related = ["award__member__user"]
    search_fields = ["text", "award__member__user__name", "^award__member__number"]
