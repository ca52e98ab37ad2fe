from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Organization


def community_by_code(code: str) -> Organization:
    """The community in use with these six digits on its poster, or 404."""
    return get_object_or_404(Organization.objects.communities().in_use().select_related("parent"), code=code)


def communities_by_street() -> QuerySet[Organization]:
    """Every community in use with its street, in the tree's order, for a list to choose from."""
    return Organization.objects.communities().in_use().select_related("parent").order_by("parent__path", "path")
