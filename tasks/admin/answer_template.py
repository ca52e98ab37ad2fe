from accounts.admin.base import RecordedAdmin
from accounts.admin.site import register
from tasks.models import AnswerTemplate


@register(AnswerTemplate)
class AnswerTemplateAdmin(RecordedAdmin):
    list_display = ["text", "purpose", "organization"]
    list_filter = ["purpose"]
    list_select_related = ["organization"]
    search_fields = ["text", "organization__name"]
    autocomplete_fields = ["organization"]
