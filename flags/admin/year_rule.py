from django.http import HttpRequest

from accounts.admin.base import RecordedAdmin
from accounts.admin.site import register
from tasks.models import YearRule


@register(YearRule)
class YearRuleAdmin(RecordedAdmin):
    list_display = ["city", "year", "minimum", "pro_rating", "community_value_at_most", "city_value_at_most"]
    list_filter = ["year"]
    list_select_related = ["city"]
    search_fields = ["city__name", "=year"]
    autocomplete_fields = ["city"]

    def get_readonly_fields(self, request: HttpRequest, obj: YearRule | None = None) -> list[str]:
        return ["city", "year"] if obj else []
