from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record, record_all
from accounts.actions.notice import notice_to, notify, write_notices
from accounts.actions.password_reset import issue_password_reset
from accounts.actions.user import person_with
from accounts.models import Appointment, Notice, Organization, Role, User
from accounts.models.appointment import KIND_OF_ROLE
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def appoint(
    user: User, organization: Organization, role: Role, *, starts_on: date, ends_on: date | None = None, by: Actor
) -> Appointment:
    """Let `user` act for `organization` from the first to the last day, both included, and tell them.

    Refused: a role that does not go with that kind, a closed organization, a last day that lies before the first or
    is over, the same role here at the same time, oneself; and whoever is not an administrator making a city officer.
    """
    (organization,) = Organization.objects.for_change(organization)
    _require(organization, role, user, by=by)
    if KIND_OF_ROLE[Role(role)] != organization.kind:
        raise Refused(Reason.WRONG_KIND)
    if organization.closed_on:
        raise Refused(Reason.ORGANIZATION_CLOSED, organization=organization)
    _check_last_day(starts_on, ends_on)
    _refuse_twice(user, organization, role, starts_on, ends_on)
    appointment = Appointment.objects.create(
        user=user, organization=organization, role=role, starts_on=starts_on, ends_on=ends_on
    )
    record(appointment, "appointed", by=by)
    notify([user], Notice.Kind.APPOINTED, link=reverse("abilities"), organization=organization)
    return appointment


@transaction.atomic
def appoint_person(
    organization: Organization,
    role: Role,
    *,
    name: str,
    phone: str,
    starts_on: date,
    ends_on: date | None = None,
    by: Actor,
) -> Appointment:
    """As `appoint`, for whom the phone belongs to; a person without an account gets one, without a password.

    Refused besides: a phone that belongs to somebody of another name, and an account that is closed.
    """
    user = person_with(name=name, phone=phone, by=by)
    return appoint(user, organization, role, starts_on=starts_on, ends_on=ends_on, by=by)


@transaction.atomic
def end_appointment(appointment: Appointment, *, on: date, by: Actor) -> None:
    """Make `on`, today or later, the last day on which it counts, and tell the person.

    One that begins only after that day is withdrawn: nobody has acted under it, the record says who and what.
    Refused for a past day, for what is over already, for a day to come where the organization is closed, and for
    oneself.
    """
    appointment = _held(appointment, by)
    today = timezone.localdate()
    if on < today:
        raise Refused(Reason.PAST_DAY)
    if appointment.ends_on and appointment.ends_on < today:
        raise Refused(Reason.APPOINTMENT_OVER)
    if appointment.organization.closed_on and on > today:
        raise Refused(Reason.CLOSED_BY_THEN, organization=appointment.organization)
    if on < appointment.starts_on:
        _withdraw([appointment], by=by)
    else:
        _refuse_twice(*_what(appointment), appointment.starts_on, on, but=appointment)
        Appointment.objects.filter(pk=appointment.pk).update(ends_on=on)
        record(appointment, "appointment ended", by=by, why=on.isoformat())
    notify([appointment.user], Notice.Kind.APPOINTMENT_ENDED, organization=appointment.organization)


@transaction.atomic
def hand_over(
    appointment: Appointment, *, name: str, phone: str, starts_on: date, ends_on: date | None = None, by: Actor
) -> Appointment:
    """Appoint a successor from `starts_on`; the predecessor's last day is the day before, or today at the earliest.

    Both or neither; a last day that was fixed earlier stays. Refused as appointing and ending are.
    """
    appointment = _held(appointment, by)
    last = max(timezone.localdate(), starts_on - timedelta(days=1))
    if appointment.ends_on is None or appointment.ends_on > last or appointment.starts_on > last:
        end_appointment(appointment, on=last, by=by)
    successor = appoint_person(
        appointment.organization,
        Role(appointment.role),
        name=name,
        phone=phone,
        starts_on=starts_on,
        ends_on=ends_on,
        by=by,
    )
    record(successor, "handed over", by=by, why=f"{appointment.user} → {successor.user}")
    return successor


@transaction.atomic
def end_appointments_of(organizations: Collection[Organization], *, by: Actor) -> None:
    """End today all that is in force there, and withdraw what was to come, in a fixed number of queries; all are told.

    For organizations that are closed or merged: nobody chooses here whom it hits.
    """
    today = timezone.localdate()
    hit = list(
        Appointment.objects.filter(organization__in=organizations)
        .not_over(today)
        .exclude(ends_on=today)
        .select_related("user", "organization")
        .order_by("pk")
    )
    ending = [appointment.pk for appointment in hit if appointment.starts_on <= today]
    Appointment.objects.filter(pk__in=ending).update(ends_on=today)
    record_all(Appointment, ending, "appointment ended", by=by, why=today.isoformat())
    _withdraw([appointment for appointment in hit if appointment.starts_on > today], by=by)
    write_notices(
        notice_to(appointment.user, Notice.Kind.APPOINTMENT_ENDED, organization=appointment.organization)
        for appointment in hit
    )


@transaction.atomic
def issue_first_password(appointment: Appointment, *, by: Actor) -> str:
    """The address where an appointed person who has no password yet sets one: shown once, to be handed over.

    Refused for whoever has a password, and for an administrator: the link would be a way into their account.
    """
    by.require_governing(Ability.APPOINT, appointment.organization)
    if not appointment.user.needs_first_password:
        raise Refused(Reason.HAS_PASSWORD)
    return issue_password_reset(appointment.user, by=by)


def _require(organization: Organization, role: str, user: User, *, by: Actor) -> None:
    by.require_governing(Ability.APPOINT, organization)
    if by.administers:
        return
    if role == Role.CITY_OFFICER:
        raise Refused(Reason.ADMINISTRATOR_ONLY)
    if user == by.user:
        raise Refused(Reason.OWN_APPOINTMENT)


def _held(appointment: Appointment, by: Actor) -> Appointment:
    """As it is now, until this transaction ends; its organization is what others wait for, in one order."""
    _require(appointment.organization, appointment.role, appointment.user, by=by)
    Organization.objects.for_change(appointment.organization)
    fresh = Appointment.objects.select_related("user", "organization").filter(pk=appointment.pk).first()
    if fresh is None:
        raise Refused(Reason.STATE_CHANGED)
    return fresh


def _what(appointment: Appointment) -> tuple[User, Organization, str]:
    return appointment.user, appointment.organization, appointment.role


def _check_last_day(starts_on: date, ends_on: date | None) -> None:
    if ends_on is None:
        return
    if ends_on < starts_on:
        raise Refused(Reason.ENDS_TOO_EARLY)
    if ends_on < timezone.localdate():
        raise Refused(Reason.PAST_DAY)


def _refuse_twice(
    user: User,
    organization: Organization,
    role: str,
    starts_on: date,
    ends_on: date | None,
    *,
    but: Appointment | None = None,
) -> None:
    same = user.appointments.filter(organization=organization, role=role).not_over(starts_on)
    if but:
        same = same.exclude(pk=but.pk)
    if ends_on:
        same = same.filter(starts_on__lte=ends_on)
    if same.exists():
        raise Refused(Reason.HELD_ALREADY, person=user, organization=organization)


def _withdraw(appointments: Collection[Appointment], *, by: Actor) -> None:
    said = "; ".join(f"{row.user} · {row} · {row.starts_on.isoformat()}" for row in appointments)
    keys = [row.pk for row in appointments]
    record_all(Appointment, keys, "withdrawn", by=by, why=said)
    Appointment.objects.filter(pk__in=keys).delete()
