"""The yardstick: what the smallest page of somebody who is signed in costs. Only the benchmarks serve it."""

from django.http import HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_GET

from accounts.access import Request


@require_GET
def yardstick(request: Request) -> HttpResponse:
    """All the middleware, the session, the person and one query."""
    return HttpResponse(str(request.user.notices.unread().count()))


urlpatterns = [path("yardstick/", yardstick), path("", include("vanguard.urls"))]
