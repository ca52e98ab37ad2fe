"""Members who are not there yet: check-ins under review or returned, and roster lines that nobody answers to."""

from datetime import date, timedelta

from accounts.models import CheckIn, Exemption, Member, Organization, RosterEntry
from flags.seeding.city import City
from flags.seeding.names import draw_name
from flags.seeding.people import Registry, Resident, add_users, addressed, draw_address
from flags.seeding.times import at

RETURN_REASONS = (
    "房号不完整，请补充单元和房号。",
    "手机号与单位名册不一致，请和单位核对后重新提交。",
    "所选小区不对，请按实际居住的小区选择。",
)
PENDING_ON_STAGE, RETURNED_ON_STAGE = 12, 3


def add_arrivals(city: City, stage: Organization, registry: Registry, today: date) -> None:
    """A dozen check-ins to review in `stage`, a few elsewhere; nine in ten agree with the roster."""
    rng = registry.rng
    for community in city.communities:
        submitted = PENDING_ON_STAGE if community == stage else rng.randint(0, 3)
        returned = RETURNED_ON_STAGE if community == stage else rng.choice((0, 0, 1))
        check_ins = [_draw_check_in(city, community, registry, today) for _ in range(submitted + returned)]
        for check_in in check_ins[submitted:]:
            check_in.status = CheckIn.Status.RETURNED
            check_in.return_reason = rng.choice(RETURN_REASONS)
        _write(check_ins, registry, today)


def _draw_check_in(city: City, community: Organization, registry: Registry, today: date) -> CheckIn:
    rng, member = registry.rng, registry.newcomer()
    return CheckIn(
        member=member,
        community=community,
        compound=rng.choice(city.compounds[community]),
        unit=rng.choice(city.units),
        phone=str(member.user.phone),
        **addressed(draw_address(rng)),
        submitted_at=at(today - timedelta(days=rng.randint(1, 6)), rng.randint(8, 21), rng.randint(0, 59)),
    )


def _write(check_ins: list[CheckIn], registry: Registry, today: date) -> None:
    add_users((check_in.member.user for check_in in check_ins), today)
    Member.objects.bulk_create(check_in.member for check_in in check_ins)
    CheckIn.objects.bulk_create(check_ins)
    RosterEntry.objects.bulk_create(
        RosterEntry(unit=check_in.unit, name=check_in.member.user.name, phone=_listed_phone(check_in, registry))
        for check_in in check_ins
    )


def _listed_phone(check_in: CheckIn, registry: Registry) -> str:
    return registry.phone() if registry.rng.random() < 0.1 else str(check_in.member.user.phone)


def add_not_checked_in(city: City, registry: Registry, *, surely: Organization) -> None:
    """Roster lines of people who have not checked in, none to three a unit, and in the unit `surely` two."""
    RosterEntry.objects.bulk_create(
        RosterEntry(
            unit=unit,
            name=draw_name(registry.rng),
            phone=registry.phone(),
            community=registry.rng.choice((None, *city.communities)),
        )
        for unit in city.units
        for _ in range(2 if unit == surely else registry.rng.choice((0, 0, 1, 1, 2, 3)))
    )


def let_some_differ(residents: list[Resident], registry: Registry, *, surely: Organization) -> None:
    """Some roster lines that are out of date, by phone, name or address, and a few members whom none has.

    The unit `surely` has one member of each kind, whatever is drawn.
    """
    rng, changed = registry.rng, []
    sure = iter((0.005, 0.02, 0.05))
    lines = {line.member_id: line for line in RosterEntry.objects.filter(member__in=[r.member for r in residents])}
    for resident in residents:
        line = lines.get(resident.member.pk)
        chance = next(sure, 1.0) if line and resident.unit == surely else rng.random()
        if line is None or chance >= 0.06:
            continue
        if chance < 0.01:
            line.removed_on = registry.before + timedelta(days=rng.randint(1, 300))
        elif chance < 0.03:
            line.phone = registry.phone()
        elif chance < 0.04:
            line.name = draw_name(rng)
        else:
            line.address, line.address_key = addressed(draw_address(rng)).values()
        changed.append(line)
    RosterEntry.objects.bulk_update(changed, ["name", "phone", "address", "address_key", "removed_on"])


def retire_some(residents: list[Resident], registry: Registry, today: date) -> None:
    """Three in a hundred have retired since `registry.before`; to be called before they are written."""
    rng = registry.rng
    for resident in residents:
        if rng.random() < 0.03:
            span = (today - registry.before).days
            resident.member.retired_on = registry.before + timedelta(days=rng.randint(1, span - 1))


def exempt_some(residents: list[Resident], registry: Registry, today: date) -> None:
    """Some are exempt: a long illness, a parental leave, a posting away that still goes on."""
    rng, exemptions = registry.rng, []
    last_year = today.year - 1
    for resident in residents:
        if rng.random() < 0.025:
            reason = rng.choice(Exemption.Reason.values)
            starts_on = date(last_year, rng.randint(1, 9), 1)
            ends_on = (
                None if reason == Exemption.Reason.POSTED_AWAY else starts_on + timedelta(days=rng.randint(60, 400))
            )
            exemptions.append(Exemption(member=resident.member, reason=reason, starts_on=starts_on, ends_on=ends_on))
    Exemption.objects.bulk_create(exemptions)
