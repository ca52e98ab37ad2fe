from typing import Any

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.models import Organization
from tasks.actions.wish import send_wish
from tasks.actions.wish_triage import accept_wish
from tasks.models import Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def enter_wish(community: Organization, *, accept: bool, by: Actor, **said: Any) -> Wish:
    """Write down for a resident what came by another channel, and `accept` it at once if wanted.

    `said` is what `send_wish` takes; the same form sent twice is one wish. Refused where nobody could be asked in the
    end, unless it is for everyone.
    """
    by.require(Ability.HANDLE_WISHES, community)
    reachable = said.get("phone") or said.get("other_way") or said.get("for_whom") == Wish.ForWhom.EVERYONE
    if not reachable:
        raise Refused(Reason.NO_WAY_TO_REACH)
    wish = send_wish(community, by=by, **said)
    if accept and wish.status == Wish.Status.NEW:
        accept_wish(wish, by=by)
    return wish
