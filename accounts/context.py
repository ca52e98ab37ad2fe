from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Role

# The named accounts of the demonstration, in the order in which its log-in page offers them.
DEMO_ROLES = [
    ("member", _("Member")),
    ("secretary", Role.SECRETARY.label),
    ("officer", Role.UNIT_OFFICER.label),
    ("city", Role.CITY_OFFICER.label),
    ("street", Role.STREET_OFFICER.label),
    ("branch", Role.BRANCH_SECRETARY.label),
    ("inspector", Role.INSPECTOR.label),
    ("admin", _("Administrator")),
]


def page(request: Any) -> dict[str, Any]:
    """What every page shows: the hat and the others there are, the unread count, the other language."""
    actor = getattr(request, "actor", None)
    unread = request.user.notices.unread().count() if actor and actor.user else 0
    return {
        "actor": actor,
        "hats": getattr(request, "hats", {}),
        "unread": unread,
        "DEMO": settings.DEMO,
        "demo_roles": DEMO_ROLES,
        "language": translation.get_language(),
    }
