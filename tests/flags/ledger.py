"""Lines of the ledger for tests."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from accounts.models import Member
from flags.models import FlagAward


def award(cast: SimpleNamespace, member: Member, day: date, **fields: Any) -> FlagAward:
    """One flag of a community activity in 荷风, earned as a member of 财政局."""
    defaults = {"value": 1, "category": "COMMUNITY_ACTIVITY", "unit": cast.unit, "community": cast.community}
    return FlagAward.objects.create(member=member, served_on=day, year=day.year, **defaults | fields)
