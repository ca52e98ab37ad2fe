from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.actions.move import record
from accounts.admin.base import ReadOnlyAdmin, administrator


class ContactAdmin(ReadOnlyAdmin):
    """Reached from one row at a time, by a superuser, and each look is recorded (domain rule 10)."""

    owner: str  # the field that names whose contact it is

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        raise PermissionDenied

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """In the transaction of the page: no record, no contact."""
        record(getattr(kwargs["obj"], self.owner), "revealed", by=administrator(request))
        return super().render_change_form(request, context, *args, **kwargs)
