"""What closing an organization means for the ledger; accounts asks through its registered rules."""

from accounts.models import Organization
from flags.queries.organization import waiting_entries
from flags.refusals import Reason
from vanguard.lib.refused import Refused


def refuse_waiting_entries(organization: Organization) -> None:
    """Services entered afterwards that nobody has looked at keep their community from being closed.

    With a merger they are for the staff of the community that it became part of: it lies within that one then.
    """
    waiting = waiting_entries(organization)
    if waiting:
        raise Refused(Reason.ENTRIES_WAITING, n=waiting)
