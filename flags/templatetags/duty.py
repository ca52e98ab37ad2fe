"""What the member owes this year and has, in one line: for pages of the apps below, whose Python knows no flags."""

from typing import Any

from django import template
from django.utils import timezone

from accounts.access import Actor
from flags.queries.wall import progress_of

register = template.Library()


@register.inclusion_tag("components/duty.html", takes_context=True)
def duty(context: template.Context) -> dict[str, Any]:
    actor: Actor = context["request"].actor
    assert actor.member is not None
    return {"progress": progress_of(actor.member, timezone.localdate().year)}
