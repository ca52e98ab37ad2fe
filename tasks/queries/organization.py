"""What of the work of volunteers hangs on an organization."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization
from accounts.queries.community import Figure
from tasks.models import GroupRequest, HelperGroup, Shift, StewardLog, StewardPost, Suggestion, Task, Wish


def open_tasks(organization: Organization) -> QuerySet[Task]:
    """What it, or anything below it, has published and is not over."""
    return Task.objects.published().filter(publisher__path__startswith=organization.path).exclude(status__in=Task.OVER)


def unfinished_wishes(organization: Organization) -> QuerySet[Wish]:
    """Wishes that are not at their end; a fulfilled one still waits for the resident's word."""
    return Wish.objects.filter(community__path__startswith=organization.path).exclude(status__in=Wish.OVER)


def undecided_suggestions(organization: Organization) -> QuerySet[Suggestion]:
    """Suggestions that are unanswered, or answered and not decided."""
    return Suggestion.objects.filter(community__path__startswith=organization.path, status__in=Suggestion.UNDECIDED)


def unconfirmed_shifts(organization: Organization) -> QuerySet[Shift]:
    return Shift.objects.published_within((organization.path,)).awaiting_confirmation(timezone.now())


def living_posts(organization: Organization) -> QuerySet[StewardPost]:
    """Red steward posts there and below that are not closed."""
    return StewardPost.objects.living().filter(compound__path__startswith=organization.path)


def unconfirmed_logs(organization: Organization) -> QuerySet[StewardLog]:
    """What red stewards there and below have sent to the community."""
    sent = StewardLog.objects.filter(status=StewardLog.Status.SUBMITTED)
    return sent.filter(post__compound__path__startswith=organization.path)


def open_requests(organization: Organization) -> QuerySet[GroupRequest]:
    """What its helper groups are asked for by itself; what residents ask for hangs on their wishes."""
    own = GroupRequest.objects.living().filter(wish=None)
    return own.filter(group__community__path__startswith=organization.path)


def work_of(community: Organization) -> list[Figure]:
    """What a merger of this community passes on to another one."""
    return [
        Figure(_("Open tasks, for its members from then on"), open_tasks(community).count()),
        Figure(_("Unfinished wishes that pass to it"), unfinished_wishes(community).count()),
        Figure(_("Shifts that it has to confirm"), unconfirmed_shifts(community).count()),
        Figure(_("Helper groups that pass to it"), HelperGroup.objects.active().filter(community=community).count()),
        Figure(_("Undecided suggestions that pass to it"), undecided_suggestions(community).count()),
        Figure(_("Red steward posts that pass to it"), living_posts(community).count()),
    ]
