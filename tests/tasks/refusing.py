"""An act that is refused: for which reason, with a sentence for people, and with nothing written."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Notice, Record
from tasks.models import (
    Claim,
    GroupClaim,
    GroupMembership,
    GroupProject,
    GroupRequest,
    HelperGroup,
    Shift,
    Task,
    Wish,
)
from vanguard.lib.refused import Refused

ROWS = (Task, Shift, Claim, GroupClaim, HelperGroup, GroupMembership, GroupProject, GroupRequest, Wish)
TOLD = (Record, Notice)


def refused(why: Any, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    before = written()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert "%(" not in caught.value.sentence
    assert written() == before
    return caught.value


def written() -> list[Any]:
    """Every row that an act of this app may touch, and how much was recorded and told."""
    rows = [list(model._default_manager.order_by("pk").values()) for model in ROWS]
    return rows + [model._default_manager.count() for model in TOLD]
