"""青澜市: its streets, communities, compounds and work units."""

from dataclasses import dataclass, field
from random import Random

from accounts.access import CLOCK
from accounts.actions.organization import add_organization
from accounts.models import Organization
from flags.seeding.units import unit_rows

Kind = Organization.Kind

NAME = "青澜市（演示）"
STREETS = {
    ("望澜", "WL"): ("荷风", "枕溪", "晴川里", "银杏湾", "听松", "白鹭洲", "流霞"),
    ("竹汀", "ZT"): ("长亭", "雨巷", "竹影", "采薇", "桐花", "临水", "半亩"),
    ("云麓", "YL"): ("拾光", "揽月", "云起", "百草", "杏林", "半山"),
    ("石桥湾", "SQW"): ("星桥", "月桥", "石榴园", "澄湖", "柳浪", "花信"),
    ("南浦里", "NPL"): ("稻香里", "麦田", "南塘", "芦花", "青禾", "桃源里"),
}
COMPOUNDS = ("雅苑一期", "花园", "新村", "家园", "名邸", "雅苑二期", "东苑", "华庭")
KNOWN_COMPOUNDS = {"荷风": ("雅苑一期", "雅苑二期", "花园", "新村"), "枕溪": ("花园",), "听松": ("新村",)}


@dataclass
class City:
    city: Organization
    streets: list[Organization] = field(default_factory=list)
    communities: list[Organization] = field(default_factory=list)
    units: list[Organization] = field(default_factory=list)
    compounds: dict[Organization, list[Organization]] = field(default_factory=dict)

    def named(self, name: str) -> Organization:
        """The one organization of the city with this name."""
        below = [compound for compounds in self.compounds.values() for compound in compounds]
        return next(o for o in [*self.streets, *self.communities, *self.units, *below] if o.name == name)


def found_city(rng: Random) -> City:
    """Write the organizations: a city, 5 streets, 32 communities of 2 to 5 compounds, 102 units."""
    city = City(add_organization(by=CLOCK, parent=None, kind=Kind.CITY, name=NAME, code="QL", phone=telephone(0)))
    for number, ((name, code), communities) in enumerate(STREETS.items(), 1):
        street = add_organization(
            by=CLOCK, parent=city.city, kind=Kind.STREET, name=f"{name}街道", code=code, phone=telephone(number * 100)
        )
        city.streets.append(street)
        for n, stem in enumerate(communities, 1):
            _add_community(city, street, stem, number * 100 + n, rng)
    city.units = [add_organization(by=CLOCK, parent=city.city, kind=Kind.WORK_UNIT, **row) for row in unit_rows()]
    return city


def telephone(number: int) -> str:
    """A telephone that cannot be dialled: no area has the code 000."""
    return f"000-{number:07d}"


def _add_community(city: City, street: Organization, stem: str, number: int, rng: Random) -> None:
    community = add_organization(
        by=CLOCK,
        parent=street,
        kind=Kind.COMMUNITY,
        name=f"{stem}社区",
        code=f"33{number:04d}",
        phone=telephone(number),
        address=f"{street.name}{stem}路{rng.randint(1, 199)}号",
    )
    city.communities.append(community)
    known = KNOWN_COMPOUNDS.get(stem, ())
    others = [name for name in COMPOUNDS if name not in known]
    drawn = [*known, *rng.sample(others, len(others))][: max(len(known), rng.randint(2, 5))]
    city.compounds[community] = [
        add_organization(
            by=CLOCK,
            parent=community,
            kind=Kind.SUBCOMMUNITY,
            name=stem + name,
            code=f"{community.code}-{n}",
            phone=community.phone,
        )
        for n, name in enumerate(drawn, 1)
    ]
