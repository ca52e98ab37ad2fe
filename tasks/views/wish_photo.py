from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import Request
from tasks.models import KeptPhoto
from tasks.queries.wish_photo import photos_visible_to
from tasks.views.wish_tracking import numbers_of

HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


@login_not_required
@require_GET
def wish_photo(request: Request, pk: int) -> FileResponse:
    """One photo, for whom it is; there is no other way to its file."""
    return picture(get_object_or_404(photos_visible_to(request.actor, numbers_of(request)), pk=pk))


def picture(photo: KeptPhoto) -> FileResponse:
    """The file of a photo, for who may see it, to be kept by nobody in between."""
    try:
        return FileResponse(photo.file.open(), filename="photo.jpg", content_type="image/jpeg", headers=HEADERS)
    except FileNotFoundError:
        raise Http404 from None
