from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

GetResponse = Callable[[HttpRequest], HttpResponse]


class NulMiddleware:
    """Answers 400 to a NUL character in an address: nobody types one, and PostgreSQL cannot even compare it.

    Forms refuse it themselves; what comes by path or query string reaches queries without a form.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("A NUL character in the address.")
        return self.get_response(request)


class BodySizeMiddleware:
    """Answers 413 to a form far larger than anything asked for here, before any of it is read.

    What says no length has none: WSGI then gives an empty body.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.BODY_AT_MOST:
            return render(request, "413.html", status=413)
        return self.get_response(request)
