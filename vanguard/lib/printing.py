"""Pages on paper: a template rendered to PDF by WeasyPrint, which needs Pango and a Chinese font on the machine."""

from typing import Any

from django.template.loader import render_to_string


class CannotPrint(Exception):
    """This machine lacks what PDF needs; the page itself can still be printed from the browser."""


def pdf_of(template: str, context: dict[str, Any]) -> bytes:
    """The PDF of a template that brings its own styles; nothing is fetched from anywhere.

    Raises CannotPrint where Pango is not installed.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise CannotPrint(str(error)) from error
    document = HTML(string=render_to_string(template, context), url_fetcher=_fetch_nothing)
    return document.write_pdf()


def _fetch_nothing(url: str, *args: Any, **kwargs: Any) -> Any:
    from weasyprint import default_url_fetcher

    if url.startswith("data:"):
        return default_url_fetcher(url, *args, **kwargs)
    raise ValueError(f"A printed page fetches nothing: {url[:80]}")
