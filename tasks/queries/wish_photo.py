from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.access import Actor
from tasks.models import Task, Wish, WishPhoto
from tasks.queries.photo import kept_with
from tasks.queries.wish import wishes_in_hand


def photos_visible_to(actor: Actor, numbers: Iterable[str] = ()) -> QuerySet[WishPhoto]:
    """Photos of wishes for whom they are (domain rule 10); those that wait under a form are nobody's yet.

    The resident, by the account that sent it or by the `numbers` that this browser has proved; the community's
    staff; the member who has it in hand; and who took it, if it shows what was done.
    """
    seen = Q(wish__number__in=list(numbers)) | Q(wish__in=Wish.objects.visible_to(actor))
    if actor.user:
        seen |= Q(wish__sender=actor.user)
    if actor.is_member and actor.member:
        seen |= Q(wish__in=wishes_in_hand(actor.member)) | Q(claim__member=actor.member)
    return WishPhoto.objects.filter(seen, wish__isnull=False)


def shows_a_minors_wish(task: Task) -> bool:
    """Whether no photo is taken of what is done there (domain rule 10)."""
    return task.wishes.filter(for_minor=True).exists()


def photos_kept(form: UUID | None) -> QuerySet[WishPhoto]:
    """What came with a form that was refused."""
    return kept_with(WishPhoto, form)
