from django.db.models import F, QuerySet

from accounts.models import CheckIn, User


def check_ins_of(user: User) -> QuerySet[CheckIn]:
    """The person's own check-ins, newest first and those ended last, with all a page shows of them."""
    return (
        _own(user)
        .prefetch_related("news__unit", "news__read_by")
        .order_by(F("ended_on").desc(nulls_first=True), "-submitted_at")
    )


def returned_check_in(user: User) -> CheckIn | None:
    """What the person has to mend and send again."""
    return _own(user).filter(status=CheckIn.Status.RETURNED).first()


def approved_check_in(user: User) -> QuerySet[CheckIn]:
    """The person's check-in in force: one row or none."""
    return _own(user).filter(status=CheckIn.Status.APPROVED)


def _own(user: User) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(member__user=user).select_related(
        "member__user", "community__parent", "compound", "unit"
    )
