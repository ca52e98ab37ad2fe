from django.utils.translation import gettext as _

from accounts.models import Organization
from accounts.queries.community import Figure
from flags.models import LateEntry


def waiting_entries(community: Organization) -> int:
    """How many services entered afterwards wait there for a second person."""
    return LateEntry.objects.waiting().filter(community__path__startswith=community.path).count()


def ledger_work_of(community: Organization) -> list[Figure]:
    """What a merger of this community leaves to the staff of another one."""
    return [Figure(_("Services entered afterwards that it has to look at"), waiting_entries(community))]
