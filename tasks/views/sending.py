"""What every form does with which something is sent to the community: nothing typed is lost, and no photo."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import Request
from accounts.models import Organization
from tasks.forms.sending import SendingForm
from vanguard.lib.refused import Refused

Row = TypeVar("Row")


def sent_or_kept(
    form: SendingForm,
    send: Callable[[UUID], Row],
    *,
    keep: Callable[[UUID], None],
    drop: Callable[[UUID], None],
) -> Row | None:
    """What `send` has written; or nothing, and the form says why, with its photos kept for the next time."""
    key = form.key
    if key is None:  # not even the form is known, so that nothing can be kept with it
        return None
    if form.cleaned_data.get("without_kept"):
        drop(key)
    if form.is_valid():
        try:
            return send(key)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    try:
        keep(key)
    except Refused as refused:
        if refused.sentence not in form.non_field_errors():
            form.add_error(None, refused.sentence)
    return None


def closed_page(request: Request, code: str, reason: TextChoices) -> HttpResponse:
    """A community that takes nothing any more says so, and gives back what was typed meanwhile."""
    closed = get_object_or_404(Organization.objects.communities().select_related("parent"), code=code)
    context = {"community": closed, "text": request.POST.get("text", ""), "sentence": reason.label}
    return render(request, "tasks/sending/closed.html", context, status=410)
