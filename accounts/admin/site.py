"""The administrator's site: only what is registered here, behind the platform's own log-in."""

from functools import partial
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class AutocompleteView(AutocompleteJsonView):
    """Tells people of the same name apart: each admin says how its rows are called in a choice."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        model_admin: Any = self.model_admin
        return super().serialize_result(obj, to_field_name) | {"text": model_admin.choice_label(obj)}


class AdminSite(admin.AdminSite):
    site_header = _("Vanguard Micro-Home: administration")
    site_title = _("Administration")
    index_title = _("What the platform keeps")

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The platform's log-in page, which limits attempts; whoever is signed in and not staff is turned away."""
        return secure_admin_login(super().login)(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return AutocompleteView.as_view(admin_site=self)(request)


site = AdminSite()
register = partial(admin.register, site=site)
