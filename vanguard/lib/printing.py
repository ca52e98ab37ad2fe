"""Pages on paper: a template rendered to PDF by WeasyPrint, which needs Pango and a Chinese font on the machine."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

CHINESE = "zh-hans"  # what goes to an office is printed in Chinese, whatever language the page is read in


class CannotPrint(Exception):
    """This machine lacks what PDF needs; the page itself can still be printed from the browser."""


def pdf_of(template: str, context: dict[str, Any]) -> bytes:
    """The PDF of a template that brings its own styles and pictures; nothing is fetched from anywhere.

    Raises CannotPrint where Pango is not installed.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:
        raise CannotPrint(str(error)) from error
    nothing_outside = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    return HTML(string=render_to_string(template, context), url_fetcher=nothing_outside).write_pdf()


def pdf_response(body: bytes, name: str) -> HttpResponse:
    """A PDF to keep, under a name without its ending."""
    disposition = f'attachment; filename="{name}.pdf"'
    return HttpResponse(body, headers={"Content-Type": "application/pdf", "Content-Disposition": disposition})
