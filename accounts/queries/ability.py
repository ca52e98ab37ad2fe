"""Who may do what, for people to read: one hat's abilities, and the whole table."""

from collections.abc import Iterator

from django.utils import translation

from accounts.access import ABILITIES, MEMBER_ABILITIES, Ability, reaches_down
from accounts.models import Organization, Role
from accounts.models.appointment import KIND_OF_ROLE

HERE, BELOW_TOO = "✓", "✓ ↓"

INTRODUCTION = """# Who may do what

Written by `manage.py abilities_table` from `accounts/access.py`; a test compares the two.

A person acts under one hat at a time, an appointment or membership, and has what its column marks. ✓ holds for the
organization of the hat itself, ✓ ↓ also for everything that stands below it. Whoever has no hat is a resident: they
send wishes and suggestions and follow their own. The administrator works in the administration, under no hat.

City officers are appointed by an administrator and appoint everybody else of their city. Nobody appoints, confirms,
awards to or decides on himself or herself. Where the only secretary of a community is the member concerned, the city
confirms.
"""


def abilities_of(role: str) -> list[Ability]:
    """What an appointment in this role lets a person do, in the order of the table."""
    return [ability for ability in Ability if ability in ABILITIES[Role(role)]]


def abilities_table() -> str:
    """The table of `docs/abilities.md`, in Markdown and English: an ability a line, a role a column."""
    with translation.override("en"):
        return "\n".join([INTRODUCTION, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    yield _line("", *(str(role.label) for role in Role), "Member")
    yield _line("---", *[":-:"] * (len(Role) + 1))
    for ability in Ability:
        yield _line(str(ability.label), *(_mark(role, ability) for role in Role), _held(ability in MEMBER_ABILITIES))
    yield _line("*appointed for*", *(f"a {Organization.Kind(KIND_OF_ROLE[role]).label.lower()}" for role in Role), "")


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _mark(role: Role, ability: Ability) -> str:
    """Below a compound and a work unit nothing stands, so that there is nothing to reach."""
    has_below = KIND_OF_ROLE[role] in Organization.PARENT_KIND.values()
    if ability in ABILITIES[role] and has_below and reaches_down(role, ability):
        return BELOW_TOO
    return _held(ability in ABILITIES[role])


def _held(held: bool) -> str:
    return HERE if held else ""
