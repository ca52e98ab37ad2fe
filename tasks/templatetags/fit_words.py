"""Why a shift fits, in words."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from accounts.models import Interest, Organization
from vanguard.lib.week import part_at

register = template.Library()
ROUNDED_TO = 5


@register.filter
def reasons(shift: Any) -> str:
    """`电工 · 周六上午 · 你的小区`, of a shift from `shifts_that_fit`."""
    near = {
        Organization.Kind.SUBCOMMUNITY.value: _("your compound"),
        Organization.Kind.COMMUNITY.value: _("your community"),
    }
    said = [
        shift.skill.name if shift.skill else "",
        str(Interest(shift.liked).label) if shift.liked else "",
        part_at(shift.starts_at).words if shift.at_free_time else "",
        near.get(shift.near, ""),
    ]
    return " · ".join(word for word in said if word)


@register.filter
def about_so_many(members: int) -> str:
    """A number of people from which nobody learns who they are: rounded down to fives, and no less than one five."""
    least = members - members % ROUNDED_TO
    if not least:
        return _("fewer than %(n)s members") % {"n": ROUNDED_TO}
    return _("at least %(n)s members") % {"n": least}
