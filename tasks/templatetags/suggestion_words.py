from django import template
from django.conf import settings

from tasks.models import Suggestion
from tasks.queries.lateness import days_waited

register = template.Library()


@register.filter
def days_late(suggestion: Suggestion) -> int:
    """For how many working days it has waited, where that is too many; else 0."""
    days = days_waited(suggestion.since) if suggestion.status == Suggestion.Status.NEW else 0
    return days if days >= settings.SUGGESTION_ANSWER_WITHIN else 0
