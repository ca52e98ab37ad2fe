from django import template
from django.conf import settings

from flags.models import Appeal
from tasks.queries.lateness import days_waited

register = template.Library()


@register.filter
def days_late(appeal: Appeal) -> int:
    """For how many working days it has waited for whoever is next, where that is too many; else 0."""
    if appeal.is_decided:
        return 0
    within = settings.APPEAL_DECIDE_WITHIN if appeal.answered_at else settings.APPEAL_ANSWER_WITHIN
    days = days_waited(appeal.since)
    return days if days >= within else 0
