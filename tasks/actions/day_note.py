"""What the day leaves beside the ticks: companions who came, people without an account, a note and photos."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.attendance import refuse_unless_its_day, require_keeping_day
from tasks.actions.photo import drop, keep_with_form, storing, take_up
from tasks.actions.place import hold_shift
from tasks.models import Attendance, Claim, DayNote, DayPhoto, Shift
from tasks.models.attendance import COMPANIONS_CAME_AT_MOST
from tasks.models.day_note import PEOPLE_AT_MOST
from tasks.queries.day import ON_THE_LIST, note_seen
from tasks.queries.photo import kept_with
from tasks.queries.wish_photo import shows_a_minors_wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def write_day_note(
    shift: Shift,
    *,
    people: Mapping[str, int],
    note: str,
    companions: Mapping[int, int],
    seen: str,
    by: Actor,
    photos: Sequence[bytes] = (),
    sent_once: UUID | None = None,
) -> DayNote:
    """Write down who else came: `people` by `DayNote.PEOPLE`, and for a claim's key how many companions really came.

    Photos are JPEGs, added to those that are there; `sent_once` identifies the form, and `seen` is the `note_seen` it was
    opened with. What is said of no place on the list is passed over. Refused: before the list can be ticked, by agreement,
    called off, more than can be counted, photos of a minor's wish or too many, and other words or numbers where a colleague
    was faster.
    """
    require_keeping_day(shift, by)
    refuse_unless_its_day(shift, timezone.now())
    if any(not 0 <= n <= PEOPLE_AT_MOST for n in people.values()):
        raise Refused(Reason.PEOPLE_CAME, most=PEOPLE_AT_MOST)
    if any(not 0 <= n <= COMPANIONS_CAME_AT_MOST for n in companions.values()):
        raise Refused(Reason.COMPANIONS_CAME, most=COMPANIONS_CAME_AT_MOST)
    with storing(DayPhoto) as store:
        hold_shift(shift)
        before = note_seen(shift)
        noted, _new = DayNote.objects.update_or_create(shift=shift, defaults={**people, "note": note})
        record(noted, "noted", by=by)
        _count_companions(shift, companions)
        if before not in (seen, note_seen(shift)):
            raise Refused(AccountsReason.STATE_CHANGED)
        if photos or kept_with(DayPhoto, sent_once).exists():
            _refuse_a_minors(shift)
        there = DayPhoto.objects.filter(shift=shift)
        take_up(there, photos, form=sent_once, store=store, shift=shift)
    return noted


def keep_photos(shift: Shift, form: UUID, photos: Sequence[bytes]) -> None:
    """Keep what came with a refused form until it is sent again; never of a minor's wish (domain rule 10)."""
    if photos:
        _refuse_a_minors(shift)
        keep_with_form(DayPhoto, form, photos)


def _refuse_a_minors(shift: Shift) -> None:
    if shows_a_minors_wish(shift.task):
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)


def _count_companions(shift: Shift, companions: Mapping[int, int]) -> None:
    on_the_list = Claim.objects.filter(shift=shift, status__in=ON_THE_LIST, pk__in=companions).order_by("pk")
    keys = list(on_the_list.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    Attendance.objects.bulk_create(
        (Attendance(claim_id=key, companions_came=companions[key]) for key in keys),
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["companions_came"],
    )


@transaction.atomic
def remove_day_photo(photo: DayPhoto, *, by: Actor) -> None:
    """Take a photo of the day away, file and all; who keeps the list of that shift may."""
    assert photo.shift is not None
    require_keeping_day(photo.shift, by)
    record(photo.shift, "photo removed", by=by)
    drop(DayPhoto.objects.filter(pk=photo.pk))
