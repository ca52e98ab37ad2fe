from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.queries.matching import CHECKED_IN, Asked, Counts
from accounts.queries.three_clear import Detail, Match

LONGEST_SEARCH = 60
SORT_WORDS = {"name": _("Name"), "unit": _("Work unit"), "community": _("Community"), "state": _("State")}


def asked_in(query: QueryDict) -> Asked:
    """What a page's address asks of the lines; anything that makes no sense asks for all of them."""
    return Asked(
        show=query.get("show", ""),
        detail=query.get("detail", ""),
        search=query.get("q", "").strip()[:LONGEST_SEARCH],
        sort=query.get("sort", ""),
    )


def states_offered(counts: Counts) -> list[tuple[str, str, int]]:
    """The filters by state, each with its words and how many lines it leaves."""
    states = [(state.value, str(state.label), getattr(counts, state.lower())) for state in Match]
    return [("", str(_("All")), counts.lines), (CHECKED_IN, str(_("Checked in")), counts.checked_in), *states]


def details_offered(counts: Counts) -> list[tuple[str, str, int]]:
    """The filters by what differs, those that leave anything."""
    details = [(detail.value, str(detail.label), getattr(counts, detail.lower())) for detail in Detail]
    return [offered for offered in details if offered[2]]
