"""Files of photos live and die with their rows: what fails leaves none behind, what is removed takes its file along."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tasks.models import ActivityPhoto, DayPhoto, KeptPhoto, SuggestionPhoto, WishPhoto
from tasks.queries.photo import kept_with, unnamed_files
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

KINDS: tuple[type[KeptPhoto], ...] = (WishPhoto, SuggestionPhoto, ActivityPhoto, DayPhoto)
FORMS_KEPT = timedelta(days=1)
Store = Callable[..., None]


@contextmanager
def storing(kind: type[KeptPhoto]) -> Iterator[Store]:
    """One transaction in which `store(photos, **owner)` keeps JPEGs; if it fails, their files go with it.

    The process that is killed in between leaves a file without a row: `sweep_files` finds it a day later.
    """
    files: list[str] = []

    def store(photos: Iterable[bytes], **owner: Any) -> None:
        for content in photos:
            photo = kind(**owner)
            photo.file.save("photo.jpg", ContentFile(content), save=False)
            files.append(str(photo.file.name))
            photo.save()

    try:
        with transaction.atomic():
            yield store
    except BaseException:
        _remove_files(files)
        raise


def take_up(there: QuerySet, photos: Sequence[bytes], *, form: UUID | None, store: Store, **owner: Any) -> None:
    """Keep photos for `owner`, beside those that are `there`, and those that its refused form brought; none twice.

    Refused where there would be too many.
    """
    kept = kept_with(there.model, form)
    new = new_photos(there | kept if form else there, photos)
    kept.update(form=None, **owner)
    store(new, **owner)


def keep_with_form(kind: type[KeptPhoto], form: UUID, photos: Sequence[bytes]) -> None:
    """Keep what came with a refused form until it is sent again; nobody is shown it before."""
    with storing(kind) as store:
        store(new_photos(kept_with(kind, form), photos), form=form)


def new_photos(there: QuerySet, photos: Sequence[bytes]) -> list[bytes]:
    """Those that are not there already; refused where there would be too many."""
    kept = {_content_of(photo) for photo in there} if photos else set()
    new = [content for content in dict.fromkeys(photos) if content not in kept]
    most = there.model.AT_MOST
    if len(kept) + len(new) > most:
        raise Refused(Reason.TOO_MANY_PHOTOS, most=most, kept=len(kept))
    return new


def _content_of(photo: KeptPhoto) -> bytes:
    with photo.file.open() as file:
        return file.read()


@transaction.atomic
def drop(photos: QuerySet) -> None:
    """Held first: one that is taken up at this moment is no longer among them."""
    held = dict(photos.select_for_update(of=("self",)).values_list("pk", "file"))
    photos.model._default_manager.filter(pk__in=held).delete()
    transaction.on_commit(lambda: _remove_files(held.values()), robust=True)


@transaction.atomic
def forget_kept_photos() -> None:
    """A form that was never sent again takes its photos with it after a day."""
    for kind in KINDS:
        waiting = kind._default_manager.filter(form__isnull=False)
        drop(waiting.filter(created_at__lt=timezone.now() - FORMS_KEPT))


def sweep_files() -> None:
    """Files that no row names, older than a day: of a process that was killed between the two."""
    for kind in KINDS:
        _remove_files(unnamed_files(kind, older_than=timezone.now() - FORMS_KEPT))


def _remove_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
