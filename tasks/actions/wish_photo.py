"""Files of photos live and die with their rows: what fails leaves none behind, what is removed takes its file along."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor
from tasks.models import Wish, WishPhoto
from tasks.queries.wish_photo import photos_kept, unnamed_files
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

FORMS_KEPT = timedelta(days=1)
Store = Callable[..., None]


@contextmanager
def storing_photos() -> Iterator[Store]:
    """One transaction in which `store(photos, wish=…, claim=…)` keeps JPEGs; if it fails, their files go with it.

    The process that is killed in between leaves a file without a row: `sweep_photos` finds it a day later.
    """
    files: list[str] = []

    def store(photos: Iterable[bytes], **owner: Any) -> None:
        for content in photos:
            photo = WishPhoto(**owner)
            photo.file.save("photo.jpg", ContentFile(content), save=False)
            files.append(str(photo.file.name))
            photo.save()

    try:
        with transaction.atomic():
            yield store
    except BaseException:
        _remove_files(files)
        raise


def store_with_kept(wish: Wish, photos: Sequence[bytes], *, form: UUID | None, store: Store) -> None:
    """The photos of a wish being sent, with those that its form brought when it was refused; none of them twice.

    Refused for a minor (domain rule 10), and where there would be too many.
    """
    if wish.for_minor and (photos or photos_kept(form).exists()):
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    there = WishPhoto.objects.filter(wish=wish, claim=None)
    new = _new_photos(there | photos_kept(form) if form else there, photos)
    if form:
        WishPhoto.objects.filter(form=form).update(form=None, wish=wish)
    store(new, wish=wish)


def keep_photos(form: UUID, photos: Sequence[bytes], *, for_minor: bool = False) -> None:
    """Keep what came with a refused form until it is sent again; nobody is shown it before. Never for a minor."""
    if for_minor and (photos or photos_kept(form).exists()):
        drop_kept_photos(form)
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    with storing_photos() as store:
        store(_new_photos(photos_kept(form), photos), form=form)


def _new_photos(there: QuerySet[WishPhoto], photos: Sequence[bytes]) -> list[bytes]:
    """Those that are not there already."""
    kept = {_content_of(photo) for photo in there} if photos else set()
    new = [content for content in dict.fromkeys(photos) if content not in kept]
    if len(kept) + len(new) > settings.WISH_PHOTOS_AT_MOST:
        raise Refused(Reason.TOO_MANY_PHOTOS, most=settings.WISH_PHOTOS_AT_MOST, kept=len(kept))
    return new


def _content_of(photo: WishPhoto) -> bytes:
    with photo.file.open() as file:
        return file.read()


@transaction.atomic
def drop_kept_photos(form: UUID) -> None:
    """The resident leaves out what was kept."""
    _drop(WishPhoto.objects.filter(form=form))


@transaction.atomic
def drop_photos(wish: Wish, *, by: Actor) -> None:
    """A wish that turns out to be for a minor has no photos (domain rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    _drop(WishPhoto.objects.filter(wish=wish))


@transaction.atomic
def forget_kept_photos() -> None:
    """A form that was never sent again takes its photos with it after a day."""
    _drop(WishPhoto.objects.filter(form__isnull=False, created_at__lt=timezone.now() - FORMS_KEPT))


def sweep_files() -> None:
    """Files that no row names, older than a day: of a process that was killed between the two."""
    _remove_files(unnamed_files(older_than=timezone.now() - FORMS_KEPT))


def _drop(photos: QuerySet[WishPhoto]) -> None:
    """Held first: one that its wish takes up at this moment is no longer among them."""
    held = dict(photos.select_for_update(of=("self",)).values_list("pk", "file"))
    WishPhoto.objects.filter(pk__in=held).delete()
    transaction.on_commit(lambda: _remove_files(held.values()), robust=True)


def _remove_files(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)
