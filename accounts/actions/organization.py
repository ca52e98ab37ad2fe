from typing import Any

from django.db import transaction

from accounts.models import Organization
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def add_organization(*, parent: Organization | None, kind: str, **fields: Any) -> Organization:
    """A new organization under `parent`, with its path; a kind that cannot stand there is refused."""
    expected = Organization.PARENT_KIND[Organization.Kind(kind)]
    if (parent.kind if parent else None) != expected:
        raise Refused(Reason.WRONG_PARENT, kind=Organization.Kind(kind).label)
    organization = Organization.objects.create(parent=parent, kind=kind, path=f"new-{fields['code']}/", **fields)
    organization.path = f"{parent.path if parent else ''}{organization.pk}/"
    organization.save(update_fields=["path"])
    return organization
