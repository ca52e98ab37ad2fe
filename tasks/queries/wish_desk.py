"""What the community's staff may do with a wish as it stands; the actions refuse all else."""

from tasks.models import Wish
from tasks.queries.wish_publishing import can_be_published

S = Wish.Status
WITH_STAFF = (
    S.NEW,
    S.ASKED_BACK,
    S.ACCEPTED,
    S.REOPENED,
)  # to be verified and edited; what is published is read as it is


def moves_open(wish: Wish) -> set[str]:
    """The names of the moves that the page of a wish offers."""
    to = Wish.NEXT.get(S(wish.status), set())
    moves = {
        "accept": S.ACCEPTED in to,
        "ask": S.ASKED_BACK in to,
        "reply": wish.status == S.ASKED_BACK,
        "decline": S.DECLINED in to,
        "merge": S.MERGED in to,
        "publish": can_be_published(wish),
        "verify": wish.status in WITH_STAFF,
        "text": wish.status in WITH_STAFF,
        "mark": True,
        "outcome": S.REOPENED in to,
        "thanks": wish.status == S.DONE and bool(wish.resident_words) and not wish.thanks_passed_at,
    }
    return {name for name, is_open in moves.items() if is_open}
