from typing import Any

from django.conf import settings
from django.utils import translation


def page(request: Any) -> dict[str, Any]:
    """What every page shows: the hat, the unread count, the other language."""
    actor = getattr(request, "actor", None)
    unread = request.user.notices.unread().count() if actor and actor.user else 0
    return {"actor": actor, "unread": unread, "DEMO": settings.DEMO, "language": translation.get_language()}
