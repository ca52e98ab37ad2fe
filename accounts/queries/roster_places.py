"""Which organizations the words of a unit's list mean."""

import unicodedata
from collections.abc import Iterable
from itertools import islice

from django.db.models import F, Q

from accounts.models import Organization

Kind = Organization.Kind
SUFFIX = "社区"
LOOKED_UP = 1000  # names that this city does not know, of which it is asked whether another one does


def key(text: str) -> str:
    """A name or code without what people type differently: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Places:
    """The communities, compounds and units of the unit's city by name and code, in three queries for any list."""

    def __init__(self, unit: Organization) -> None:
        self.unit = unit
        city = Organization.objects.within(unit.city_path).select_related("merged_into")
        self.communities: dict[str, list[Organization]] = {}
        self.compounds: dict[int, dict[str, Organization]] = {}
        self.units: dict[str, Organization] = {}
        places = city.exclude(kind__in=[Kind.CITY, Kind.STREET])
        for organization in places.order_by(F("closed_on").asc(nulls_last=True), "pk"):  # the last of a name counts
            self._add(organization)
        self.elsewhere: set[tuple[str, str]] = set()

    def _add(self, organization: Organization) -> None:
        names = {key(organization.name), key(organization.code)}
        if organization.kind == Kind.WORK_UNIT:
            self.units.update(dict.fromkeys(names, organization))
        elif organization.kind == Kind.COMMUNITY:
            for name in names | {name.removesuffix(SUFFIX) for name in names} - {""}:
                self.communities.setdefault(name, []).append(organization)
        elif organization.closed_on is None and organization.parent_id:
            self.compounds.setdefault(organization.parent_id, {}).update(dict.fromkeys(names, organization))

    def look_elsewhere(self, kind: Organization.Kind, texts: Iterable[str]) -> None:
        """Learn which of the words that this city does not know name an organization of another one."""
        known = self.units if kind == Kind.WORK_UNIT else self.communities
        asked = list(islice({text for text in texts if text and key(text) not in known}, LOOKED_UP))
        if asked:
            others = Organization.objects.filter(Q(name__in=asked) | Q(code__in=asked), kind=kind)
            found = others.exclude(path__startswith=self.unit.city_path).values_list("name", "code")
            self.elsewhere.update((kind, key(word)) for words in found for word in words)

    def is_own(self, text: str) -> bool:
        """Whether the words mean the unit whose list it is, or one that has become part of it."""
        if key(text) in (key(self.unit.name), key(self.unit.code)):
            return True
        unit = self.units.get(key(text))
        return unit is not None and self.unit.pk == unit.merged_into_id

    def is_unit_here(self, text: str) -> bool:
        """Whether the words mean any unit of this city."""
        return key(text) in self.units

    def is_elsewhere(self, kind: Organization.Kind, text: str) -> bool:
        return (kind, key(text)) in self.elsewhere

    def communities_called(self, text: str) -> list[Organization]:
        """Those in use, or else those that were."""
        called = self.communities.get(key(text), [])
        return [community for community in called if community.closed_on is None] or called

    def compounds_of(self, community: int) -> list[str]:
        """The names of its compounds in use."""
        return sorted({compound.name for compound in self.compounds.get(community, {}).values()})

    def compound_called(self, text: str, community: int) -> Organization | None:
        return self.compounds.get(community, {}).get(key(text))
