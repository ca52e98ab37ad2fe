"""What adopting a suggestion will light: for the page of an app below, whose Python knows no flags."""

from typing import Any

from django import template
from django.utils import timezone

from flags.models.limits import FOR_SUGGESTIONS
from flags.queries.limits import is_full_for_suggestions
from tasks.models import Suggestion

register = template.Library()


@register.inclusion_tag("flags/ledger/_adopting.html")
def what_adopting_lights(suggestion: Suggestion) -> dict[str, Any]:
    """Nothing for a resident's; for a member's whether there is a flag left in this year."""
    author, year = suggestion.author, timezone.localdate().year
    full = author is not None and is_full_for_suggestions(author, year)
    return {"author": author, "full": full, "year": year, "most": FOR_SUGGESTIONS}
