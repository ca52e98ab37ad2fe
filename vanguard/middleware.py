from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

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
