from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from flags.models import Appeal


@register(Appeal)
class AppealAdmin(ReadOnlyAdmin):
    """What members have appealed against, and what was said to it: the community or unit answers, the city decides."""

    list_display = ["member", "kind", "year", "organization", "status", "created_at"]
    list_filter = ["status", "kind", "year"]
    list_select_related = ["member__user", "organization"]
    search_fields = ["member__user__name", "^member__number", "organization__name", "words"]
    date_hierarchy = "created_at"
