from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.refusals import Reason as AccountsReason
from tasks.actions.day_note import keep_photos, remove_day_photo, write_day_note
from tasks.actions.photo import drop
from tasks.forms.day_note import DayNoteForm, photos_left
from tasks.models import DayNote, DayPhoto, Shift
from tasks.queries.day import bringing_companions, day_note_of, day_opens_at, is_day, note_seen
from tasks.queries.photo import kept_with
from tasks.views.day import shift_of_the_day
from tasks.views.sending import sent_or_kept
from tasks.views.wish_photo import picture
from vanguard.lib.attempting import attempt
from vanguard.lib.refused import Refused


def day_note(request: Request, pk: int) -> HttpResponse:
    """Who else came, a note and photos; what is refused keeps its words and its photos."""
    shift = shift_of_the_day(request, pk)
    if shift.by_agreement:
        return redirect("confirm_shift", pk)
    form = DayNoteForm(
        request.POST or None,
        request.FILES or None,
        instance=day_note_of(shift),
        claims=bringing_companions(shift),
        seen=note_seen(shift),
    )
    if request.method == "POST" and _noted(request, form, shift):
        messages.success(request, _("Noted."))
        return redirect("day", pk)
    photos = DayPhoto.objects.filter(shift=shift)
    context = {
        "shift": shift,
        "form": form,
        "photos": photos,
        "left": photos_left(len(photos)),
        "kept": kept_with(DayPhoto, form.key).count(),
        "now": day_note_of(shift) if form.data.get("seen") != request.POST.get("seen") else None,
        "ticking": is_day(shift),
        "opens_at": day_opens_at(shift),
    }
    return render(request, "tasks/day/note.html", context)


def _noted(request: Request, form: DayNoteForm, shift: Shift) -> bool:
    def write(key: UUID) -> DayNote:
        try:
            return write_day_note(shift, **form.said, sent_once=key, by=request.actor)
        except Refused as refused:
            if refused.reason == AccountsReason.STATE_CHANGED:
                form.meant_for(note_seen(shift))
            raise

    noted = sent_or_kept(
        form,
        write,
        keep=lambda key: keep_photos(shift, key, form.cleaned_data.get("photos", [])),
        drop=lambda key: drop(kept_with(DayPhoto, key)),
    )
    return noted is not None


@require_GET
def day_photo(request: Request, pk: int) -> FileResponse:
    """One photo, for the staff of that place; there is no other way to its file."""
    request.actor.require(Ability.SEE_CLAIMS)
    return picture(get_object_or_404(DayPhoto.objects.visible_to(request.actor), pk=pk))


@require_POST
def day_photo_remove(request: Request, pk: int) -> HttpResponse:
    request.actor.require_any(Ability.CONFIRM, Ability.PROPOSE)
    photos = DayPhoto.objects.visible_to(request.actor).select_related("shift__task__publisher")
    photo = get_object_or_404(photos, pk=pk)
    attempt(request, lambda: remove_day_photo(photo, by=request.actor), _("The photo is removed."))
    return redirect("day_note", photo.shift_id)
