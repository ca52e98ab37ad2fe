from accounts.admin.base import ReadOnlyAdmin, RecordedAdmin
from accounts.admin.site import register
from accounts.models import FreeTime, Skill


@register(Skill)
class SkillAdmin(RecordedAdmin):
    """The city's own list, which members choose from when they check in."""

    list_display = ["name"]
    search_fields = ["name"]


@register(FreeTime)
class FreeTimeAdmin(ReadOnlyAdmin):
    """The members' own to say."""

    list_display = ["member", "part"]
    list_filter = ["part"]
    list_select_related = ["member__user"]
    search_fields = ["member__user__name", "^member__number"]
