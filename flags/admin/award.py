from accounts.admin.base import ReadOnlyAdmin, ReadOnlyInline, RecordedAdmin
from accounts.admin.site import register
from flags.models import AwardMatter, AwardReason, FlagAward, LateEntry


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


@register(AwardMatter)
class AwardMatterAdmin(RecordedAdmin):
    """What communities may award a flag for besides services; what has been awarded for stays."""

    list_display = ["name", "city", "since", "until"]
    list_filter = ["city"]
    list_select_related = ["city"]
    search_fields = ["name"]


@register(LateEntry)
class LateEntryAdmin(ReadOnlyAdmin):
    """Services entered afterwards: who entered them, and the second person who approved."""

    list_display = ["what", "member", "community", "value", "starts_at", "status", "entered_by", "decided_by"]
    list_filter = ["status", "category"]
    list_select_related = ["member__user", "community", "entered_by", "decided_by"]
    search_fields = ["what", "member__user__name", "^member__number", "community__name"]
    date_hierarchy = "starts_at"
