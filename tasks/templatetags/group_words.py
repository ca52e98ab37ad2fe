"""For which helper groups a member may claim, and how long a group has left something unanswered."""

from django import template
from django.conf import settings

from accounts.models import Member
from tasks.models import GroupRequest, HelperGroup
from tasks.queries import helper_group
from tasks.queries.lateness import days_waited

register = template.Library()


@register.simple_tag
def groups_led_by(member: Member | None) -> list[HelperGroup]:
    return list(helper_group.groups_led_by(member)) if member else []


@register.filter
def days_unanswered(request: GroupRequest) -> int:
    """For how many working days a group has left it unanswered, where that is too many; else 0."""
    days = days_waited(request.since) if request.status == GroupRequest.Status.ASKED else 0
    return days if days >= settings.GROUP_REQUEST_ANSWER_WITHIN else 0
