"""For which helper groups a member may claim; asked by the page that offers it, and by no other."""

from django import template

from accounts.models import Member
from tasks.models import HelperGroup
from tasks.queries import helper_group

register = template.Library()


@register.simple_tag
def groups_led_by(member: Member | None) -> list[HelperGroup]:
    return list(helper_group.groups_led_by(member)) if member else []
