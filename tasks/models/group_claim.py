from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.models.organization import at_or_below
from tasks.models.claim import Claim
from tasks.models.helper_group import GroupMembership, HelperGroup
from tasks.models.shift import Shift

if TYPE_CHECKING:
    from accounts.access import Actor


class GroupClaimQuerySet(models.QuerySet["GroupClaim"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: those of groups to which they have agreed to belong, and in which they are named.

        Staff: those of their community's groups. Who comes is no matter of who has only been asked into a group.
        """
        if actor.member:
            named = Claim.objects.filter(member=actor.member, group_claim__isnull=False)
            groups = GroupMembership.objects.agreed().filter(member=actor.member).values("group")
            return self.filter(Q(group__in=groups) | Q(pk__in=named.values("group_claim")))
        return self.filter(at_or_below("group__community__path", actor.home_paths))

    def living(self) -> Self:
        return self.filter(status__in=GroupClaim.LIVING)


class GroupClaim(models.Model):
    """Places that a group's leader claimed together for named members: all or none, and one in the waiting list.

    The places themselves are the claims of those members. It stands where they stand until the shift begins; what
    becomes of each place then is said of that claim alone.
    """

    S = Status = Claim.Status
    NEXT = {
        S.WAITING: {S.OFFERED, S.HELD, S.WITHDRAWN, S.EXPIRED, S.CANCELLED},
        S.OFFERED: {S.HELD, S.DECLINED, S.WITHDRAWN, S.EXPIRED, S.CANCELLED},
        S.HELD: {S.WITHDRAWN, S.CANCELLED},
    }
    LIVING = Claim.TO_SERVE

    group = models.ForeignKey(HelperGroup, models.PROTECT, related_name="claims", verbose_name=_("group"))
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="group_claims", verbose_name=_("shift"))
    leader = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name=_("claimed by"))
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=[(state.value, state.label) for state in (*LIVING, *Claim.LAPSED)],
        default=Status.HELD,
    )
    claimed_at = models.DateTimeField(_("claimed"))

    objects = GroupClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("group claim")
        verbose_name_plural = _("group claims")
        ordering = ["claimed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "shift"],
                condition=Q(status__in=["WAITING", "OFFERED", "HELD"]),
                name="group_claim_once_a_shift",
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} · {self.shift}"

    @property
    def page(self) -> str:
        """Where the leader sees who comes, and fills, accepts or gives back places."""
        return reverse("group_claim", args=[self.pk])
