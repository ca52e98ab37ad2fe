"""What tests of steward posts share: refusals that write nothing, and what each person was told."""

from typing import Any

import pytest

from accounts.access import Actor
from accounts.models import Member, Notice, Record
from tasks.models import StewardApplication, StewardLog, StewardPost, StewardTerm
from tests.conftest import member_actor
from tests.factories import MemberFactory
from vanguard.lib.refused import Refused

ROWS = (StewardPost, StewardTerm, StewardApplication, StewardLog, Record, Notice)


def refused(why, act, *args: Any, **kwargs: Any) -> Refused:
    """That it says no for this reason, in words, and has written nothing."""
    before = [list(model.objects.order_by("pk").values()) for model in ROWS]
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert [list(model.objects.order_by("pk").values()) for model in ROWS] == before
    return caught.value


def told(*people: Actor | Member) -> list[list[str]]:
    """The kinds of notices of each, the newest first."""
    return [list(person.user.notices.values_list("kind", flat=True)) for person in people]


def neighbour(cast, **fields: Any) -> Actor:
    """Another member of the cast's compound."""
    return member_actor(MemberFactory(**{"community": cast.compound, **fields}))


def state(row: Any) -> str:
    row.refresh_from_db()
    return row.status
