from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member, Organization
from accounts.models.organization import at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class HelperGroupQuerySet(models.QuerySet["HelperGroup"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: the groups they lead, belong to or are invited to. Staff: those of their community."""
        if actor.member:
            mine = GroupMembership.objects.filter(member=actor.member, status__in=GroupMembership.CURRENT)
            return self.filter(Q(leader=actor.member) | Q(pk__in=mine.values("group")))
        return self.filter(at_or_below("community__path", actor.home_paths))


class HelperGroup(models.Model):
    """A standing team of a community's members that can claim together (帮帮团 / 睦邻社)."""

    name = models.CharField(_("name"), max_length=30)
    community = models.ForeignKey(
        Organization, models.PROTECT, related_name="helper_groups", verbose_name=_("community")
    )
    leader = models.ForeignKey(Member, models.PROTECT, related_name="led_groups", verbose_name=_("leader"))
    created_at = models.DateTimeField(_("founded"), auto_now_add=True)

    objects = HelperGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("helper group")
        verbose_name_plural = _("helper groups")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="helper_group_has_a_name"),
            models.UniqueConstraint(
                fields=["community", "name"],
                name="helper_group_name_once",
                violation_error_message=_("This community has a group of that name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def page(self) -> str:
        return reverse("group", args=[self.pk])


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    def current(self) -> Self:
        """Invited, or agreed."""
        return self.filter(status__in=GroupMembership.CURRENT)

    def agreed(self) -> Self:
        return self.filter(status=GroupMembership.Status.AGREED)


class GroupMembership(models.Model):
    """That somebody was asked into a helper group, and what they said: nobody is claimed for without having agreed."""

    class Status(models.TextChoices):
        INVITED = "INVITED", _("Invited")
        AGREED = "AGREED", _("Agreed")
        DECLINED = "DECLINED", pgettext_lazy("invitation", "Declined")
        LEFT = "LEFT", _("Left")

    S = Status
    NEXT = {
        S.INVITED: {S.AGREED, S.DECLINED, S.LEFT},
        S.AGREED: {S.LEFT},
        S.DECLINED: {S.INVITED},
        S.LEFT: {S.INVITED},
    }
    CURRENT = (S.INVITED, S.AGREED)

    group = models.ForeignKey(HelperGroup, models.PROTECT, related_name="memberships", verbose_name=_("group"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="group_memberships", verbose_name=_("member"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.INVITED)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("group membership")
        verbose_name_plural = _("group memberships")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="group_membership_once")]

    def __str__(self) -> str:
        return f"{self.group} · {self.member}"
