from accounts.admin.base import RecordedAdmin
from accounts.admin.site import register
from accounts.models import Skill


@register(Skill)
class SkillAdmin(RecordedAdmin):
    """The city's own list, which members choose from when they check in."""

    list_display = ["name"]
    search_fields = ["name"]
