"""What closing and merging organizations mean for appeals; accounts asks through its registered rules."""

from accounts.access import Actor
from accounts.actions.move import record_all
from accounts.models import Organization
from flags.models import Appeal
from flags.queries.appeal import undecided_at
from flags.refusals import Reason
from vanguard.lib.refused import Refused


def refuse_unanswered_appeals(organization: Organization) -> None:
    """An answered one does not keep it from being closed: the rest is the city's."""
    appeals = undecided_at(organization).unanswered().count()
    if appeals:
        raise Refused(Reason.APPEALS_UNANSWERED, n=appeals)


def carry_over_appeals(old: Organization, into: Organization, by: Actor) -> None:
    """With a merger, what is not decided passes to the community of today; decided ones stay with who answered them."""
    rows = Appeal.objects.undecided().filter(organization=old).order_by("pk")
    keys = list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    Appeal.objects.filter(pk__in=keys).update(organization=into)
    record_all(Appeal, keys, "carried over", by=by, why=f"{old} → {into}")
