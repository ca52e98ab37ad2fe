from typing import Any

from django.http import HttpRequest

from accounts.admin.base import RecordedAdmin, administrator
from accounts.admin.site import register
from flags.actions.year_rule import set_rule
from flags.queries.year import is_locked
from flags.queries.year_rule import KEPT
from tasks.models import YearRule


@register(YearRule)
class YearRuleAdmin(RecordedAdmin):
    """A rule of the tasks' app, kept here because a locked year keeps its rule, and of that only flags know."""

    list_display = [
        "city",
        "year",
        "minimum",
        "pro_rating",
        "community_value_at_most",
        "city_value_at_most",
        "deadline",
    ]
    list_filter = ["year"]
    list_select_related = ["city"]
    search_fields = ["city__name", "=year"]
    autocomplete_fields = ["city"]

    def get_readonly_fields(self, request: HttpRequest, obj: YearRule | None = None) -> list[str]:
        return ["city", "year"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: YearRule | None = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and is_locked(obj.city.path, obj.year))

    def has_delete_permission(self, request: HttpRequest, obj: YearRule | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: YearRule, form: Any, change: bool) -> None:
        values = {name: getattr(obj, name) for name in KEPT}
        obj.pk = set_rule(obj.city, obj.year, by=administrator(request), **values).pk
