"""What closing an organization means for the ledger; accounts asks through its registered rules."""

from accounts.models import Organization
from flags.models import LateEntry
from flags.refusals import Reason
from vanguard.lib.refused import Refused


def refuse_waiting_entries(organization: Organization) -> None:
    """Services entered afterwards that nobody has looked at keep their community from being closed.

    With a merger they are for the staff of the community that it became part of: it lies within that one then.
    """
    waiting = LateEntry.objects.waiting().filter(community__path__startswith=organization.path).count()
    if waiting:
        raise Refused(Reason.ENTRIES_WAITING, n=waiting)
