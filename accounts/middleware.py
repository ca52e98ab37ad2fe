from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.access import actor_of, hats_of

GetResponse = Callable[[HttpRequest], HttpResponse]

# What a person sends as the person they are, whatever the hat: as a resident, as a member for oneself, for one's account.
WITHOUT_A_HAT = {
    "hat",
    "display",
    "feedback",
    "demo_login",
    "check_in_at",
    "my_help",
    "notices_read",
    "notice_open",
    "notice_settings",
    "wish_new",
    "suggestion_send",
    "group_wish",
    "wish_track",
    "wish_forget",
    "wish_outcome",
    "wish_reply",
    "wish_keep",
    "account_login",
    "account_logout",
    "account_signup",
    "account_change_password",
    "account_reset_password_from_key",
    "account_reauthenticate",
}


class LanguageMiddleware:
    """Chinese unless the person has switched: the browser's own list of languages does not decide."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ActorMiddleware:
    """Gives each request its actor: the person under the hat that the session remembers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.hats = SimpleLazyObject(lambda: dict(hats_of(request.user)))
        chosen = request.session.get
        request.actor = SimpleLazyObject(lambda: actor_of(request.user, chosen("hat", ""), hats=request.hats))
        return self.get_response(request)

    def process_view(self, request: Any, *view: Any) -> HttpResponse | None:
        """Whose appointment has ended is told under which hat they go on; a form sent under the old one is not taken.

        Else what was written for one community at midnight would be published by another. What needs no hat is taken.
        """
        hat = request.session.get("hat", "")
        if not hat.startswith("appointment-") or not request.user.is_authenticated or hat in request.hats:
            return None
        del request.session["hat"]
        words = _("Your appointment has ended. You now act as %(hat)s.") % {"hat": request.actor}
        messages.warning(request, words)
        return redirect("home") if request.method == "POST" and needs_a_hat(request.resolver_match) else None


def needs_a_hat(route: ResolverMatch) -> bool:
    """Whether what is sent there is done in somebody's name; administrators act under no hat."""
    return "admin" not in route.namespaces and route.url_name not in WITHOUT_A_HAT
