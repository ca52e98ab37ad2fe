from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import Request
from tasks.queries.suggestion import suggestion_photos_visible_to
from tasks.views.wish_photo import picture
from tasks.views.wish_tracking import numbers_of


@login_not_required
@require_GET
def suggestion_photo(request: Request, pk: int) -> FileResponse:
    """One photo, for who reads the suggestion; there is no other way to its file."""
    return picture(get_object_or_404(suggestion_photos_visible_to(request.actor, numbers_of(request)), pk=pk))
