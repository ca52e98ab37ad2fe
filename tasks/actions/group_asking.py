"""A resident asks a helper group for one of its projects: it is a wish, which the community passes on to the group."""

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import Organization
from tasks.models import GroupProject, GroupRequest, Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def require_offered(project: GroupProject, community: Organization) -> None:
    """Refuse what no group of the community does at present."""
    on_offer = GroupProject.objects.on_offer().filter(pk=project.pk, group__community=community)
    if not on_offer.exists():
        raise Refused(Reason.PROJECT_NOT_OFFERED)


def note_whom_it_asks(wish: Wish, project: GroupProject, *, by: Actor) -> None:
    """Beside the wish stands which group it asks for what; the community decides whether it passes it on."""
    request = GroupRequest.objects.create(
        group=project.group, project=project, wish=wish, wished_when=wish.wanted_when, since=wish.since
    )
    record(request, "sent", by=by, new=GroupRequest.Status.NEW)
