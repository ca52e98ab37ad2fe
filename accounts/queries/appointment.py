from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Appointment, Role, User

IN_FORCE, TO_COME, ENDED = "now", "later", "over"


def appointments_of(actor: Actor, day: date, *, state: str = "", role: str = "", search: str = "") -> QuerySet:
    """Who acts for which organization of the actor's city, in the tree's order; the default is who does on `day`.

    `search` finds a part of the person's name or of the organization's, and a whole phone.
    """
    appointments = Appointment.objects.visible_to(actor)
    if state == TO_COME:
        appointments = appointments.to_come(day)
    elif state == ENDED:
        appointments = appointments.over(day)
    else:
        appointments = appointments.in_force(day)
    if role:
        appointments = appointments.filter(role=role)
    if search:
        named = Q(user__name__icontains=search) | Q(organization__name__icontains=search) | Q(user__phone=search)
        appointments = appointments.filter(named)
    return appointments.select_related("user", "organization").order_by("organization__path", "role", "pk")


def appointments_to_come(user: User, day: date) -> QuerySet[Appointment]:
    """What the person will act for from some day after `day`, soonest first."""
    return user.appointments.to_come(day).select_related("organization").order_by("starts_on", "pk")


def staff_of(organization_id: int, day: date) -> QuerySet[Appointment]:
    """Who acts for an organization on `day` or will later, in the order of the days on which they begin."""
    return (
        Appointment.objects.filter(organization=organization_id)
        .not_over(day)
        .select_related("user", "organization")
        .order_by("starts_on", "pk")
    )


def may_change(actor: Actor, appointment: Appointment, day: date) -> bool:
    """Whether a page offers to end it or to hand it over: what is not over, not one's own, and no city officer's."""
    over = appointment.ends_on is not None and appointment.ends_on < day
    return not over and appointment.role != Role.CITY_OFFICER and appointment.user != actor.user


def people_of(organizations: Iterable[int], *, roles: Iterable[Role], day: date) -> dict[int, list[User]]:
    """Who acts on `day` in one of `roles`, by organization, each person once; one query, however many."""
    held = Appointment.objects.in_force(day).filter(organization__in=set(organizations), role__in=list(roles))
    people: dict[int, dict[int, User]] = {}
    for appointment in held.select_related("user").order_by("pk"):
        people.setdefault(appointment.organization_id, {})[appointment.user_id] = appointment.user
    return {organization: list(users.values()) for organization, users in people.items()}


def is_the_only_secretary(user: str, place: str) -> Q:
    """The condition that the person in the field `user` is the one secretary who looks after the `place` of a row today.

    That is the community's own, that of a compound's community, or of the one that a community was merged into. Where
    they are the member concerned the city decides (domain.md, one hat at a time).
    """
    own = Q(organization=OuterRef(place))
    above = Q(organization=OuterRef(f"{place}__parent"))
    merged = Q(organization=OuterRef(f"{place}__merged_into"))
    in_force = Appointment.objects.in_force(timezone.localdate()).filter(role=Role.SECRETARY)
    secretaries = in_force.filter(own | above | merged)
    return Q(Exists(secretaries.filter(user=OuterRef(user)))) & ~Q(Exists(secretaries.exclude(user=OuterRef(user))))
