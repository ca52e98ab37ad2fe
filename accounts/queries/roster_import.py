from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from accounts.access import Actor
from accounts.models import Organization, Roster, RosterImport, RosterImportLine

Kind = RosterImportLine.Kind
WORST_FIRST = [Kind.WRONG, Kind.MISSING, Kind.CHANGED, Kind.NEW, Kind.SAME]


def roster_imports(actor: Actor) -> QuerySet[RosterImport]:
    """The lists uploaded for the units whose rosters this hat keeps, newest first, without the files themselves."""
    return RosterImport.objects.visible_to(actor).defer("content").select_related("unit", "requested_by")


def line_counts(roster_import: RosterImport) -> dict[str, int]:
    """How many lines there are of each kind, the worst kind first; a kind that has none is left out."""
    counted = dict(roster_import.lines.order_by().values_list("kind").annotate(Count("pk")))
    return {kind.value: counted[kind] for kind in WORST_FIRST if kind in counted}


def import_lines(roster_import: RosterImport, *, kind: str = "") -> QuerySet[RosterImportLine]:
    """The lines of one kind, or all: the worst kind first, and in the order of the spreadsheet."""
    order = [When(kind=kind, then=Value(place)) for place, kind in enumerate(WORST_FIRST)]
    lines = roster_import.lines.annotate(place=Case(*order, output_field=IntegerField()))
    lines = lines.order_by("place", "row", "pk")
    return lines.filter(kind=kind) if kind in Kind.values else lines


def version_of(unit: Organization) -> int:
    """The version of the unit's roster; 0 before its first change."""
    return Roster.objects.filter(unit=unit).values_list("version", flat=True).first() or 0


def is_outdated(roster_import: RosterImport) -> bool:
    """Whether a checked list was compared with a roster that has changed since."""
    return roster_import.checked_version != version_of(roster_import.unit)


def can_be_undone(roster_import: RosterImport) -> bool:
    """Whether the roster still is what this import has made of it."""
    applied = roster_import.status == RosterImport.Status.APPLIED
    return applied and roster_import.applied_version == version_of(roster_import.unit)
