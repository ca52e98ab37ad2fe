from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Member, Record, User
from accounts.queries.appointment import people_of
from accounts.queries.record import records_of
from tasks.models import Claim, Task, Wish
from tasks.models.wish import WishQuerySet

FIRST_IN_THE_QUEUE = ("-hardship", "since", "pk")


def is_stranded(wish: Wish) -> bool:
    """Published, but its task was called off, or is over and nobody came: it can be published again."""
    return wish.status == Wish.Status.PUBLISHED and wish.task is not None and wish.task.status in Task.OVER


def wishes_to_handle(actor: Actor) -> WishQuerySet:
    """What the community has to do something about, with those whose task came to nothing.

    Households in special hardship go first (domain rule 10), then what has waited longest in its state.
    """
    wishes = Wish.objects.visible_to(actor)
    return (wishes.waiting() | wishes.stranded()).select_related("community").order_by(*FIRST_IN_THE_QUEUE)


def wishes_of(actor: Actor, status: str = "") -> QuerySet[Wish]:
    """All wishes of the community, newest first, or those in one state: in the order of the queue while they go on."""
    wishes = Wish.objects.visible_to(actor).select_related("task").order_by("-created_at", "-pk")
    if not status:
        return wishes
    wishes = wishes.filter(status=status)
    return wishes if status in Wish.OVER else wishes.order_by(*FIRST_IN_THE_QUEUE)


def wishes_in_hand(member: Member) -> QuerySet[Wish]:
    """The wishes whose resident this member may reach, from claim to closure (domain rule 10).

    Only of what is served by agreement, which is always one wish for a few people. Where hours are fixed the community
    stands between: a hundred places, or an activity made of several wishes, would be as many telephones handed round.
    """
    held = Claim.objects.filter(
        shift__task=OuterRef("task"), shift__by_agreement=True, member=member, status__in=Claim.TO_SETTLE
    )
    return Wish.objects.filter(Exists(held), status__in=[Wish.Status.CLAIMED, Wish.Status.FULFILLED])


def own_wishes(member: Member) -> QuerySet[Wish]:
    """Those that a member has sent, or that name their phone."""
    theirs = Q(sender=member.user_id)
    if member.user.phone:
        theirs |= Q(contact__phone=member.user.phone) | Q(contact__for_phone=member.user.phone)
    return Wish.objects.filter(theirs)


def handlers_of(wish: Wish) -> list[User]:
    """Who handles the wishes of its community today."""
    community = wish.community.community.pk
    return people_of([community], roles=roles_with(Ability.HANDLE_WISHES), day=timezone.localdate()).get(community, [])


def wish_by_number(number: str, phone: str) -> Wish | None:
    """The wish with that tracking number, if the phone is the one it came with; one answer for both being wrong."""
    if not phone:  # one that staff wrote down without a phone is nobody's to follow
        return None
    return Wish.objects.filter(number=number.strip().upper(), contact__phone=phone).first()


def history_of(wish: Wish) -> QuerySet[Record]:
    """All that was done with a wish, oldest first, with who and why, for staff; looks at the contact are left out."""
    return records_of(wish).exclude(verb="revealed").select_related("user", "appointment__organization")
