from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.appointment import end_appointments_of
from accounts.actions.move import record
from accounts.models import CheckIn, Member, Organization, UnitMembership
from accounts.refusals import Reason
from vanguard.lib.refused import Refused

Kind = Organization.Kind
Rule = Callable[[Organization], None]


@transaction.atomic
def add_organization(*, parent: Organization | None, kind: str, by: Actor, **fields: Any) -> Organization:
    """A new organization under `parent`, with its path.

    Refused: a kind that cannot stand there, a closed parent, a code that is taken, and a city to all but
    an administrator.
    """
    _require(parent, by=by)
    expected = Organization.PARENT_KIND[Kind(kind)]
    if (parent.kind if parent else None) != expected:
        raise Refused(Reason.WRONG_PARENT, kind=Kind(kind).label)
    if parent:
        (parent,) = Organization.objects.for_change(parent)
        if parent.closed_on:
            raise Refused(Reason.PARENT_CLOSED, parent=parent)
    with _code_once(fields["code"]):
        organization = Organization.objects.create(parent=parent, kind=kind, path=f"new-{fields['code']}/", **fields)
    organization.path = f"{parent.path if parent else ''}{organization.pk}/"
    organization.save(update_fields=["path"])
    if by.user:  # a city that is seeded has been there since nobody knows when
        record(organization, "added", by=by)
    return organization


@transaction.atomic
def change_organization(organization: Organization, *, by: Actor, **fields: Any) -> None:
    """Rename it, or change telephone, address, category or code; the record says from what to what.

    Kind and parent stay, and so does a community's code. Refused for what is closed, but to an administrator.
    """
    _require(organization, by=by)
    (fresh,) = Organization.objects.for_change(organization)
    if fresh.closed_on and not by.administers:
        raise Refused(Reason.CLOSED_ALREADY, organization=fresh)
    changed = {name: value for name, value in fields.items() if getattr(fresh, name) != value}
    if "code" in changed and fresh.kind == Kind.COMMUNITY:
        raise Refused(Reason.CODE_PERMANENT)
    if changed:
        with _code_once(fields.get("code", "")):
            Organization.objects.filter(pk=fresh.pk).update(**changed)
        said = {name: f"{getattr(fresh, name)} → {value}" for name, value in changed.items()}
        if "name" in said:
            record(organization, "renamed", by=by, why=said.pop("name"))
        if said:
            record(organization, "changed", by=by, why="; ".join(said.values()))
    for name, value in changed.items():
        setattr(organization, name, value)


@transaction.atomic
def close_organization(organization: Organization, *, by: Actor) -> None:
    """Close it today, with the appointments there; their people are told.

    Refused while anything below is in use, members live there or belong to it, check-ins that name it wait, or an
    app above says that work is open (`before_closing`); and for what is closed already.
    """
    if organization.kind == Kind.CITY:
        _require(None, by=by)
    _require(organization, by=by)
    (fresh,) = Organization.objects.for_change(organization)
    if fresh.closed_on:
        raise Refused(Reason.CLOSED_ALREADY, organization=fresh)
    for rule in CLOSING_RULES:
        rule(fresh)
    organization.closed_on = timezone.localdate()
    organization.save(update_fields=["closed_on"])
    record(organization, "closed", by=by)
    end_appointments_of([organization], by=by)


@transaction.atomic
def reopen_organization(organization: Organization, *, by: Actor) -> None:
    """Take back a closing; appointments are made anew. Refused for a merged community and below what is closed."""
    _require(None, by=by)
    (fresh,) = Organization.objects.for_change(organization)
    if fresh.merged_into:
        raise Refused(Reason.MERGED_AWAY, organization=fresh, into=fresh.merged_into)
    if fresh.parent and fresh.parent.closed_on:
        raise Refused(Reason.PARENT_CLOSED, parent=fresh.parent)
    organization.closed_on = None
    organization.save(update_fields=["closed_on"])
    record(organization, "reopened", by=by)


def obstacles(organization: Organization) -> list[str]:
    """All that stands in the way of closing it, each as a sentence with a number."""
    sentences = []
    for rule in CLOSING_RULES:
        try:
            rule(organization)
        except Refused as refused:
            sentences.append(refused.sentence)
    return sentences


def before_closing(rule: Rule) -> None:
    """Let an app above refuse the closing of an organization: `rule` raises its own `Refused`."""
    CLOSING_RULES.append(rule)


def _require(organization: Organization | None, *, by: Actor) -> None:
    """Nothing, a city's parent, is the administrator's alone."""
    if organization is None and not by.administers:
        raise Refused(Reason.ADMINISTRATOR_ONLY)
    by.require_governing(Ability.KEEP_ORGANIZATIONS, organization)


@contextmanager
def _code_once(code: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        if Organization.objects.filter(code=code).exists():
            raise Refused(Reason.CODE_TAKEN, code=code) from None
        raise


def _nothing_below(organization: Organization) -> None:
    below = Organization.objects.within(organization.path).in_use().exclude(pk=organization.pk).count()
    if below:
        raise Refused(Reason.IN_USE_BELOW, n=below)


def _nobody_lives_there(organization: Organization) -> None:
    members = Member.objects.filter(home__path__startswith=organization.path).count()
    if members:
        raise Refused(Reason.MEMBERS_LIVE_HERE, n=members)


def _no_check_in_waits(organization: Organization) -> None:
    named = Q(community=organization) | Q(compound=organization) | Q(unit=organization)
    waiting = CheckIn.objects.pending().filter(named).count()
    if waiting:
        raise Refused(Reason.CHECK_INS_PENDING, n=waiting)


def _nobody_belongs(organization: Organization) -> None:
    lasting = Q(ends_on=None) | Q(ends_on__gt=timezone.localdate())
    members = UnitMembership.objects.filter(lasting, unit=organization).count()
    if members:
        raise Refused(Reason.MEMBERS_BELONG, n=members)


CLOSING_RULES: list[Rule] = [_nothing_below, _nobody_lives_there, _no_check_in_waits, _nobody_belongs]
