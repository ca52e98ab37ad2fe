"""青澜市 as the demonstration shows it: a year behind it, weeks ahead, and an account for each role."""

from datetime import date, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from accounts.models import Appointment, CheckIn, Consent, Notice, Organization, Record, Skill, UnitNews
from flags.models import FlagAward
from flags.seeding import ahead
from flags.seeding.activity_reports import add_activity_reports
from flags.seeding.appeals import add_appeals
from flags.seeding.arrivals import add_arrivals, add_not_checked_in, exempt_some, let_some_differ, retire_some
from flags.seeding.board import Board
from flags.seeding.calendars import subscribe
from flags.seeding.cast import Cast, appoint_cast, draw_cast
from flags.seeding.city import City, found_city
from flags.seeding.day import add_day
from flags.seeding.dossiers import add_dossiers
from flags.seeding.groupwork import add_groupwork
from flags.seeding.inbox import fill_inbox
from flags.seeding.ledger import add_matters, keep_the_ledger, light_logs_and_suggestions, lit_besides_services
from flags.seeding.people import Registry, Resident, draw_units, settle
from flags.seeding.profiles import add_skills, offer_help, say_what_fits, tell_unit
from flags.seeding.real_tasks import add_real_tasks
from flags.seeding.reports import add_reports
from flags.seeding.rules import add_boundary_lines, add_rules
from flags.seeding.shares import SERVICES_AT_MOST, VALUE_AT_MOST, eagerness, share_out
from flags.seeding.stewards import add_stewards
from flags.seeding.suggestions import add_suggestions
from flags.seeding.times import days, slots, written_then
from flags.seeding.together import HOSTS, add_what_is_shared, pass_down
from flags.seeding.wish import record_steps
from flags.seeding.wish_extras import add_answer_templates, add_photos
from flags.seeding.wish_queue import add_wish_queue, hear_from_residents
from flags.seeding.year import serve
from tasks.models import (
    ActivityReport,
    BoundaryLine,
    GroupRequest,
    HelperGroup,
    StewardApplication,
    StewardPost,
    Suggestion,
    Task,
    Wish,
)
from vanguard.lib.statistics import learn_sizes

SEED = 20220101
MEMBERS = 1100
MEAN_FLAGS = 7.3
EVERYBODY_SINCE = date(2022, 1, 1)
STAGE_WEIGHT = 3.0
STAMPED = (
    ActivityReport,
    CheckIn,
    Consent,
    FlagAward,
    GroupRequest,
    HelperGroup,
    Notice,
    Record,
    StewardApplication,
    StewardPost,
    Suggestion,
    Task,
    UnitNews,
    Wish,
)

Hats = dict[Organization, list[Appointment]]
Residents = dict[Organization, list[Resident]]


def seed_demo() -> bool:
    """Fill an empty database with the demonstration city; False, and nothing written, where there is a city."""
    if Organization.objects.exists():
        return False
    with transaction.atomic():
        today = timezone.localdate()
        appointments, stage, unit = _fill(today)
        learn_sizes()
        keep_the_ledger(stage, appointments[stage], today)
        add_appeals(stage)
        add_reports(_city_officer(appointments), unit)
        add_dossiers(appointments[stage][0], appointments, today)
    return True


def _city_officer(appointments: Hats) -> Appointment:
    return next(hats[0] for place, hats in appointments.items() if place.kind == Organization.Kind.CITY)


def _fill(today: date) -> tuple[Hats, Organization, Organization]:
    """Everything that has been; back come who acts for what, the community on the stage, and the cast's unit."""
    rng = Random(SEED)
    registry = Registry(rng, before=EVERYBODY_SINCE)
    with written_then(*STAMPED):
        city = found_city(rng)
        add_rules(city.city, sorted({EVERYBODY_SINCE.year, today.year - 1, today.year}))
        lines = add_boundary_lines()
        cast = draw_cast(city, registry)
        residents = _settle_all(city, cast, registry, today)
        skills = add_skills()
        for neighbours in residents.values():
            offer_help(neighbours, skills, rng)
        say_what_fits(cast.member.member, skills)
        appointments = appoint_cast(cast, city, registry, since=EVERYBODY_SINCE - timedelta(days=90))
        for community in city.communities:
            board = Board(community, appointments[community])
            _live(board, residents[community], cast, lines, skills, registry, today)
            board.write()
            record_steps(board)
        add_answer_templates(city.city)
        add_photos(cast.stage)
        add_suggestions(cast.stage, cast.member, residents[cast.stage], today)
        add_groupwork(cast.stage, cast.member, residents[cast.stage], skills, today)
        add_stewards(cast.stage, cast.member, residents[cast.stage], today)
        light_logs_and_suggestions(appointments[cast.stage])
        add_matters(city.city)
        _publish_above_and_below(city, cast, residents, appointments, rng, today)
        add_activity_reports(city.city, cast.stage, today)
        add_arrivals(city, cast.stage, registry, today)
        add_not_checked_in(city, registry, surely=cast.member.unit)
        others = [r for neighbours in residents.values() for r in neighbours if r not in cast.residents]
        let_some_differ(others, registry, surely=cast.member.unit)
        fill_inbox(cast.member, today.year)
        subscribe(cast.member, today)
        others_here = [resident for resident in residents[cast.stage] if resident not in cast.residents]
        add_day(others_here, appointments[cast.stage][0])
        tell_unit(appointments[cast.member.unit][0], today, rng)
    return appointments, cast.stage, cast.member.unit


def _settle_all(city: City, cast: Cast, registry: Registry, today: date) -> Residents:
    """Everybody written, the demo accounts among those of their community."""
    rng, units = registry.rng, draw_units(city, registry.rng)
    weights = [STAGE_WEIGHT if community == cast.stage else rng.uniform(0.7, 1.3) for community in city.communities]
    residents: Residents = {}
    for community, count in zip(city.communities, share_out(MEMBERS, weights, MEMBERS), strict=True):
        neighbours = [
            Resident(registry.newcomer(), community, rng.choice(city.compounds[community]), next(units))
            for _ in range(count)
        ]
        retire_some(neighbours, registry, today)
        if community == cast.stage:
            neighbours[: len(cast.residents)] = cast.residents
        settle(neighbours, registry)
        exempt_some([resident for resident in neighbours if resident not in cast.residents], registry, today)
        residents[community] = neighbours
    return residents


def _live(
    board: Board,
    residents: list[Resident],
    cast: Cast,
    lines: dict[str, BoundaryLine],
    skills: list[Skill],
    registry: Registry,
    today: date,
) -> None:
    """One community's life: what is settled of last year and this one, what is on its table and what comes."""
    on_stage = board.publisher == cast.stage
    if on_stage:
        add_real_tasks(board, residents, lines, registry)
    eager = [eagerness(registry.rng) for _ in residents]
    settled_until = today - ahead.SETTLED_UNTIL  # in early January that day lies in the year before
    besides = lit_besides_services(today)
    for year, flags in ((today.year - 1, 6), (today.year, 3)):
        own = {cast.member: max(0, flags - besides.count(year))}
        last = min(date(year, 12, 31), settled_until)
        _serve_between(board, residents, eager, date(year, 1, 1), last, registry, own)
    here = ahead.Neighbourhood(board, residents, today, registry.rng)
    if on_stage:
        hear_from_residents(here)
        ahead.set_the_stage(here, cast.member)
        add_what_is_shared(here, cast.member, skills)
        ahead.cancel_one(here)
    else:
        ahead.leave_one_unconfirmed(here)
    add_wish_queue(here, registry, on_stage=on_stage, member=cast.member)
    ahead.publish_coming(here)  # last: it takes whoever is left


def _serve_between(
    board: Board,
    residents: list[Resident],
    eager: list[float],
    first: date,
    last: date,
    registry: Registry,
    own: dict[Resident, int],
) -> None:
    """Services between two days, as many as so long a time sees; `own` are people with a number of their own."""
    when = days(first, last)
    services_at_most = min(SERVICES_AT_MOST, len(when))
    flags_at_most = services_at_most * VALUE_AT_MOST
    total = round(MEAN_FLAGS * len(residents) * len(when) / 365)
    flags = share_out(min(total, flags_at_most * len(residents)), eager, flags_at_most)
    for n, resident in enumerate(residents):
        if resident in own:
            flags[n] = min(own[resident], flags_at_most)
    serve(board, residents, flags, slots(when), services_at_most, registry)


def _publish_above_and_below(
    city: City,
    cast: Cast,
    residents: Residents,
    appointments: dict[Organization, list[Appointment]],
    rng: Random,
    today: date,
) -> None:
    compound = cast.member.compound
    neighbours = [r for r in ahead.compound_of(residents[cast.stage], compound) if r is not cast.member]
    branch = Board(compound, appointments[compound])
    ahead.publish_in_compound(branch, neighbours, today, rng)
    branch.write()
    everybody = [r for neighbours in residents.values() for r in neighbours if r is not cast.member]
    above = Board(city.city, appointments[city.city])
    ahead.publish_for_city(above, everybody, today, rng)
    above.write()
    hosts = rng.sample([community for community in city.communities if community != cast.stage], HOSTS)
    asking = Board(city.city, appointments[city.city])
    below = [Board(community, appointments[community]) for community in hosts]
    pass_down(asking, below, residents, today, rng)
    for board in (asking, *below):
        board.write()
