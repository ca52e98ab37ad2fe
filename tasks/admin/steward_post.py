from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import StewardApplication, StewardLog, StewardPost, StewardTerm


@register(StewardPost)
class StewardPostAdmin(ReadOnlyAdmin):
    list_display = ["subject", "kind", "compound", "status", "created_at"]
    list_filter = ["kind", "status"]
    list_select_related = ["compound"]
    search_fields = ["subject", "compound__name"]


@register(StewardTerm)
class StewardTermAdmin(ReadOnlyAdmin):
    """Who holds a post has offered it, and the community has approved: nobody is put into one here."""

    list_display = ["member", "post", "began_on", "until", "ended_on", "ending"]
    list_filter = ["ending"]
    list_select_related = ["post__compound", "member__user"]
    search_fields = ["post__subject", "member__user__name", "^member__number"]


@register(StewardApplication)
class StewardApplicationAdmin(ReadOnlyAdmin):
    list_display = ["member", "post", "status", "created_at"]
    list_filter = ["status"]
    list_select_related = ["post__compound", "member__user"]
    search_fields = ["post__subject", "member__user__name", "^member__number"]


@register(StewardLog)
class StewardLogAdmin(ReadOnlyAdmin):
    list_display = ["member", "post", "year", "quarter", "status", "submitted_at"]
    list_filter = ["status", "year"]
    list_select_related = ["post__compound", "member__user"]
    search_fields = ["post__subject", "member__user__name", "^member__number"]
