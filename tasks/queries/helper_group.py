"""Helper groups as their members, their leaders and their community see them."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Member, Organization, User
from accounts.queries.appointment import people_of
from tasks.models import Claim, GroupClaim, GroupMembership, GroupProject, HelperGroup, Shift
from vanguard.lib.phone import clean_phone

Status = GroupMembership.Status


def groups_of(actor: Actor) -> QuerySet[HelperGroup]:
    """The groups that the actor sees, their own first and dissolved ones last.

    Each with how many `agreed`, are still `invited` and are `asking` to join, and a member's `own` word.
    `leader_agreed` says whether its leader has said yes, and so acts for it.
    """
    leads = GroupMembership.objects.agreed().filter(group=OuterRef("pk"), member=OuterRef("leader"))
    own = GroupMembership.objects.filter(group=OuterRef("pk"), member=actor.member).values("status")[:1]
    mine = Case(When(own__in=GroupMembership.LIVING, then=0), default=1)
    return (
        HelperGroup.objects.visible_to(actor)
        .select_related("community", "leader__user")
        .annotate(
            agreed=Count("memberships", filter=Q(memberships__status=Status.AGREED)),
            invited=Count("memberships", filter=Q(memberships__status=Status.INVITED)),
            asking=Count("memberships", filter=Q(memberships__status=Status.ASKED)),
            own=own,
            leader_agreed=Exists(leads),
        )
        .order_by("status", mine, "name", "pk")
    )


def keepers_of_group(group: HelperGroup) -> list[User]:
    """Who keeps the group for its community today, each once."""
    place = group.community.community.pk
    return people_of([place], roles=roles_with(Ability.KEEP_GROUPS), day=timezone.localdate()).get(place, [])


def answerers_of(group: HelperGroup) -> list[User]:
    """Who answers for the group: its leader, where one has agreed and is there; else who keeps it."""
    leader = led_by(group)
    return [leader.user] if leader else keepers_of_group(group)


def led_by(group: HelperGroup) -> Member | None:
    """Who leads the group: has agreed to belong to it, lives in its community and can log in. Of a dissolved one nobody."""
    leader = members_to_name(group).filter(pk=group.leader_id, user__is_active=True)
    return leader.first() if group.is_active else None


def groups_led_by(member: Member) -> QuerySet[HelperGroup]:
    """For which a member may claim: those they lead and have agreed to belong to."""
    return (
        HelperGroup.objects.active()
        .filter(leader=member, memberships__member=member, memberships__status=Status.AGREED)
        .select_related("community")
    )


def memberships_of(group: HelperGroup) -> QuerySet[GroupMembership]:
    """Who belongs to a group or was asked to, without those who left; who agreed first, who said no last."""
    rows = GroupMembership.objects.filter(group=group, status__in=[*GroupMembership.CURRENT, Status.DECLINED])
    order = Case(When(status=Status.AGREED, then=0), When(status=Status.INVITED, then=1), default=2)
    return rows.select_related("member__user", "member__home__parent").order_by(order, "pk")


def asking_to_join(group: HelperGroup) -> QuerySet[GroupMembership]:
    """Who asks to join and waits for the answer."""
    rows = GroupMembership.objects.asking().filter(group=group)
    return rows.select_related("member__user", "member__home__parent").order_by("pk")


def members_to_name(group: HelperGroup, shift: Shift | None = None) -> QuerySet[Member]:
    """For whom the leader may claim: who agreed and lives there; in a shift, who has no place and waits for none."""
    agreed = GroupMembership.objects.agreed().filter(group=group)
    members = Member.objects.filter(
        pk__in=agreed.values("member"), home__path__startswith=group.community.path
    ).select_related("user")
    if shift:
        there = Claim.objects.living().filter(shift=shift)
        members = members.exclude(pk__in=there.values("member"))
    return members.order_by("pk")


def members_to_invite(community: Organization, group: HelperGroup | None = None, *, text: str = "") -> QuerySet[Member]:
    """Who lives in the community and neither belongs to the group nor is invited; by a part of the name, or a number."""
    members = Member.objects.filter(home__path__startswith=community.path).select_related("user", "home")
    if group:
        members = members.exclude(pk__in=group.memberships.current().values("member"))
    if text:
        members = members.filter(Q(user__name__icontains=text) | Q(user__phone=text) | Q(number__startswith=text))
    return members.order_by("user__name", "pk")


def resident_with(typed: str, community: Organization) -> Member | None:
    """Who lives in the community and has this phone or member number, typed in full; a leader finds nobody else."""
    number = "".join(unicodedata.normalize("NFKC", typed).split())
    try:
        by_phone = Q(user__phone=clean_phone(number))
    except ValidationError:
        by_phone = Q(pk__in=[])
    living_there = Member.objects.filter(home__path__startswith=community.path)
    return living_there.filter(by_phone | Q(number=number)).select_related("user", "home").first() if number else None


def projects_of(group: HelperGroup, *, all_of_them: bool) -> QuerySet[GroupProject]:
    """What the group offers; for who keeps it also what it does not offer at present."""
    projects = GroupProject.objects.filter(group=group) if all_of_them else GroupProject.objects.on_offer()
    return projects.filter(group=group).order_by("status", "pk")


def group_claims_of(group: HelperGroup, actor: Actor) -> QuerySet[GroupClaim]:
    """What a group has claimed or waits for, soonest first, as far as the actor sees it."""
    claims = GroupClaim.objects.visible_to(actor).living().filter(group=group, shift__status=Shift.Status.OPEN)
    return claims.select_related("shift__task").order_by("shift__starts_at", "pk")


def places_of(group_claim: GroupClaim) -> QuerySet[Claim]:
    """Each place of a group's claim in order, those that were given back too; who filled one comes after."""
    return group_claim.claims.select_related("member__user").order_by("pk")
