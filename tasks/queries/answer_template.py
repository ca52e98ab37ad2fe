from django.db.models import Case, QuerySet, Value, When

from accounts.models import Organization
from tasks.models import AnswerTemplate


def templates_for(community: Organization, purpose: str = "") -> QuerySet[AnswerTemplate]:
    """The words that this community may use, for one purpose or for all: its own first, then its city's."""
    own_first = Case(When(organization=community, then=Value(0)), default=Value(1))
    templates = AnswerTemplate.objects.filter(organization__path__in=[community.path, community.city_path])
    templates = templates.order_by("purpose", own_first, "pk")
    return templates.filter(purpose=purpose) if purpose else templates
