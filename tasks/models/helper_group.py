from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member, Organization, Skill
from accounts.models.organization import at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor


class HelperGroupQuerySet(models.QuerySet["HelperGroup"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: those of their community, and what they lead, belong to or are invited to, or belonged to until its end.

        Staff: those of their community, dissolved ones too. Whose names a page shows is another matter.
        """
        member = actor.member
        if member is None:
            return self.filter(at_or_below("community__path", actor.home_paths))
        S = GroupMembership.Status
        own = GroupMembership.objects.filter(member=member)
        current = Q(pk__in=own.filter(status__in=GroupMembership.CURRENT).values("group"))
        former = Q(status=HelperGroup.Status.DISSOLVED, pk__in=own.filter(status=S.LEFT).values("group"))
        return self.filter(Q(leader=member) | current | former | _active_where(member))

    def active(self) -> Self:
        return self.filter(status=HelperGroup.Status.ACTIVE)


def _active_where(member: Member) -> Q:
    """The groups of the community that the member lives in."""
    if member.home is None:
        return Q(pk__in=[])
    return Q(community=member.home.community, status=HelperGroup.Status.ACTIVE)


class HelperGroup(models.Model):
    """A standing team of a community's members that can claim together (帮帮团 / 睦邻社)."""

    class Status(models.TextChoices):
        ACTIVE = "ACTIVE", pgettext_lazy("group", "Active")
        DISSOLVED = "DISSOLVED", _("Dissolved")

    S = Status
    NEXT = {S.ACTIVE: {S.DISSOLVED}}

    class Kind(models.TextChoices):
        REPAIR = "REPAIR", _("Repairs and electricity")
        ELDERLY = "ELDERLY", _("Care for the elderly")
        SCHOOL = "SCHOOL", _("Tutoring")
        HEALTH = "HEALTH", _("Health")
        LAW = "LAW", _("Mediation and law")
        CULTURE = "CULTURE", _("Culture and sport")
        ENVIRONMENT = "ENVIRONMENT", _("Environment")
        OTHER = "OTHER", _("Other")

    INTRODUCTION_AT_MOST = 300
    REASON_AT_MOST = 300

    name = models.CharField(_("name"), max_length=30)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.OTHER)
    introduction = models.CharField(_("introduction"), max_length=INTRODUCTION_AT_MOST, blank=True)
    skills = models.ManyToManyField(Skill, related_name="helper_groups", blank=True, verbose_name=_("skills"))
    can_be_asked = models.BooleanField(
        _("members may ask to join"), default=True, help_text=_("Else only who is invited joins.")
    )
    community = models.ForeignKey(
        Organization, models.PROTECT, related_name="helper_groups", verbose_name=_("community")
    )
    leader = models.ForeignKey(Member, models.PROTECT, related_name="led_groups", verbose_name=_("leader"))
    next_leader = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="groups_to_lead",
        verbose_name=_("asked to lead"),
        help_text=_("Until they say yes, the leader stays."),
    )
    asked_by_community = models.BooleanField(_("asked by the community"), default=False)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.ACTIVE)
    end_wished = models.CharField(_("why its leader asks to dissolve it"), max_length=REASON_AT_MOST, blank=True)
    end_reason = models.CharField(_("why it was dissolved"), max_length=REASON_AT_MOST, blank=True)
    created_at = models.DateTimeField(_("founded"), auto_now_add=True)
    dissolved_at = models.DateTimeField(_("dissolved"), null=True, blank=True)

    objects = HelperGroupQuerySet.as_manager()

    class Meta:
        verbose_name = _("helper group")
        verbose_name_plural = _("helper groups")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="helper_group_has_a_name"),
            models.UniqueConstraint(
                fields=["community", "name"],
                condition=Q(status="ACTIVE"),
                name="helper_group_name_once",
                violation_error_message=_("This community has a group of that name already."),
            ),
            models.CheckConstraint(
                condition=Q(next_leader=None) | Q(status="ACTIVE") & ~Q(next_leader=F("leader")),
                name="helper_group_led_by_another_next",
            ),
            models.CheckConstraint(
                condition=Q(status="ACTIVE", dissolved_at=None)
                | Q(status="DISSOLVED", dissolved_at__isnull=False) & ~Q(end_reason=""),
                name="helper_group_dissolved_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def page(self) -> str:
        return reverse("group", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class GroupMembershipQuerySet(models.QuerySet["GroupMembership"]):
    def current(self) -> Self:
        """Invited, or agreed."""
        return self.filter(status__in=GroupMembership.CURRENT)

    def agreed(self) -> Self:
        return self.filter(status=GroupMembership.Status.AGREED)

    def asking(self) -> Self:
        """Who has asked to join and waits for the answer."""
        return self.filter(status=GroupMembership.Status.ASKED)


class GroupMembership(models.Model):
    """That somebody was asked into a helper group, or asked to join: nobody is claimed for without having agreed."""

    class Status(models.TextChoices):
        INVITED = "INVITED", _("Invited")
        ASKED = "ASKED", _("Asked to join")
        AGREED = "AGREED", _("Agreed")
        DECLINED = "DECLINED", pgettext_lazy("invitation", "Declined")
        REFUSED = "REFUSED", _("Not taken in")
        LEFT = "LEFT", _("Left")

    S = Status
    NEXT = {
        S.INVITED: {S.AGREED, S.DECLINED, S.LEFT},
        S.ASKED: {S.AGREED, S.REFUSED, S.LEFT},
        S.AGREED: {S.LEFT},
        S.DECLINED: {S.INVITED, S.ASKED},
        S.REFUSED: {S.INVITED, S.ASKED},
        S.LEFT: {S.INVITED, S.ASKED},
    }
    CURRENT = (S.INVITED, S.AGREED)
    LIVING = (*CURRENT, S.ASKED)
    WORDS_AT_MOST = 200

    group = models.ForeignKey(HelperGroup, models.PROTECT, related_name="memberships", verbose_name=_("group"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="group_memberships", verbose_name=_("member"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.INVITED)
    words = models.CharField(_("words with which they asked"), max_length=WORDS_AT_MOST, blank=True)
    answer = models.CharField(_("what was answered"), max_length=WORDS_AT_MOST, blank=True)

    objects = GroupMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("group membership")
        verbose_name_plural = _("group memberships")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="group_membership_once")]

    def __str__(self) -> str:
        return f"{self.group} · {self.member}"
