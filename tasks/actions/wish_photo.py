from collections.abc import Sequence
from contextlib import AbstractContextManager
from uuid import UUID

from django.db import transaction

from accounts.access import Ability, Actor
from tasks.actions.photo import Store, drop, keep_with_form, storing, take_up
from tasks.models import Wish, WishPhoto
from tasks.queries.wish_photo import photos_kept
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def storing_photos() -> AbstractContextManager[Store]:
    """One transaction in which `store(photos, wish=…, claim=…)` keeps JPEGs; if it fails, their files go with it."""
    return storing(WishPhoto)


def store_with_kept(wish: Wish, photos: Sequence[bytes], *, form: UUID | None, store: Store) -> None:
    """The photos of a wish being sent, with those that its form brought when it was refused; none of them twice.

    Refused for a minor (domain rule 10), and where there would be too many.
    """
    if wish.for_minor and (photos or photos_kept(form).exists()):
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    take_up(WishPhoto.objects.filter(wish=wish, claim=None), photos, form=form, store=store, wish=wish)


def keep_photos(form: UUID, photos: Sequence[bytes], *, for_minor: bool = False) -> None:
    """Keep what came with a refused form until it is sent again; nobody is shown it before. Never for a minor."""
    if for_minor and (photos or photos_kept(form).exists()):
        drop_kept_photos(form)
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    keep_with_form(WishPhoto, form, photos)


def drop_kept_photos(form: UUID) -> None:
    """The resident leaves out what was kept."""
    drop(photos_kept(form))


@transaction.atomic
def drop_photos(wish: Wish, *, by: Actor) -> None:
    """A wish that turns out to be for a minor has no photos (domain rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    drop(WishPhoto.objects.filter(wish=wish))
