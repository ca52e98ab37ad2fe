import secrets
from datetime import date

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When

from accounts.access import Actor
from accounts.models import Organization
from vanguard.lib.choosing import key_in

Kind = Organization.Kind
PLACES, UNITS = "places", "units"
READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0/O, 1/I/L: read out over the phone


def organization_asked(actor: Actor, key: str) -> Organization | None:
    """The organization in use that an address names by its key, if the actor keeps it."""
    pk = key_in(key)
    kept = Organization.objects.governed_by(actor).in_use().select_related("parent")
    return kept.filter(pk=pk).first() if pk is not None else None


def tree_of(actor: Actor, day: date) -> QuerySet[Organization]:
    """The places in use: each street with its communities after it, and in `compounds` what stands below those."""
    street = Case(When(kind=Kind.COMMUNITY, then=F("parent")), When(kind=Kind.STREET, then=F("pk")), default=Value(0))
    compounds = _with_staff(Organization.objects.in_use().filter(kind=Kind.SUBCOMMUNITY), day).order_by("name")
    places = Organization.objects.governed_by(actor).in_use()
    places = places.filter(kind__in=[Kind.CITY, Kind.STREET, Kind.COMMUNITY])
    in_order = _with_staff(places, day).order_by(street, Case(When(kind=Kind.COMMUNITY, then=1), default=0), "pk")
    return in_order.prefetch_related(Prefetch("children", queryset=compounds, to_attr="compounds"))


def organizations_of(
    actor: Actor, day: date, *, show: str, search: str = "", category: str = "", closed: bool = False
) -> QuerySet[Organization]:
    """Places or units that match, by name: a part of the name, or the code; in use, or closed."""
    is_unit = Q(kind=Kind.WORK_UNIT)
    found = Organization.objects.governed_by(actor).filter(is_unit if show == UNITS else ~is_unit)
    found = found.filter(closed_on__isnull=not closed)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(code__iexact=search))
    if category:
        found = found.filter(category=category)
    return _with_staff(found, day).select_related("parent", "merged_into").order_by("category", "name", "pk")


def below(organization: Organization, day: date) -> QuerySet[Organization]:
    """What stands directly below it and is in use, but a city's units: those are too many for its page."""
    children = Organization.objects.in_use().filter(parent=organization).exclude(kind=Kind.WORK_UNIT)
    return _with_staff(children, day).order_by("name")


def kinds_below(organization: Organization) -> list[Kind]:
    """What may be added below it."""
    return [kind for kind in Kind if Organization.PARENT_KIND[kind] == organization.kind]


def proposed_code(kind: str) -> str:
    """A code that nobody has: six digits for a community's poster, six readable signs for others."""
    signs = "0123456789" if kind == Kind.COMMUNITY else READABLE
    while True:
        code = "".join(secrets.choice(signs) for _ in range(6))
        if not Organization.objects.filter(code=code).exists():
            return code


def _with_staff(organizations: QuerySet[Organization], day: date) -> QuerySet[Organization]:
    """`staff` counts who acts for it on `day`."""
    lasting = Q(appointments__ends_on=None) | Q(appointments__ends_on__gte=day)
    return organizations.annotate(staff=Count("appointments", filter=lasting & Q(appointments__starts_on__lte=day)))
