from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import Feedback


@register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    list_display = ["text", "page", "user", "sent_at"]
    list_select_related = ["user"]
    search_fields = ["text", "page"]
    date_hierarchy = "sent_at"
