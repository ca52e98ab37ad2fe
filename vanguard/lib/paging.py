"""One way to page a list."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PER_PAGE = 30


def page_of(request: HttpRequest, rows: Any, *, per_page: int = PER_PAGE) -> Page:
    """The page of `rows` that `?page=` asks for; a number out of range gives the nearest page."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))
