from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member, Organization
from accounts.models.organization import at_or_below
from vanguard.lib.quarters import Quarter

if TYPE_CHECKING:
    from accounts.access import Actor

MONTHS_AT_MOST = 60


def homes_of(member: Member) -> list[int]:
    """Of which places a member is at home: the compound and its community."""
    return [] if member.home is None else [key for key in (member.home_id, member.home.community.pk) if key]


class StewardPostQuerySet(models.QuerySet["StewardPost"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: the posts where they live, and any that they hold, held or applied for. Staff: those it keeps."""
        from accounts.access import Ability

        if actor.member:
            from tasks.models.steward_application import StewardApplication

            here = Q(compound__in=homes_of(actor.member)) & ~Q(status=StewardPost.Status.CLOSED)
            held = StewardTerm.objects.filter(member=actor.member).values("post")
            applied = StewardApplication.objects.filter(member=actor.member).values("post")
            return self.filter(here | Q(pk__in=held) | Q(pk__in=applied))
        paths = actor.home_paths if actor.can(Ability.KEEP_POSTS) else ()
        return self.filter(at_or_below("compound__path", paths))

    def living(self) -> Self:
        return self.exclude(status=StewardPost.Status.CLOSED)


class StewardPost(models.Model):
    """A long-term post for a member where they live (红管家): a building, or a facility, that somebody looks after."""

    class Kind(models.TextChoices):
        STAIRWELL_HEAD = "STAIRWELL_HEAD", _("Stairwell head")
        GRID_AIDE = "GRID_AIDE", _("Part-time grid aide")
        FACILITY_CARE = "FACILITY_CARE", _("Facility care")

    class Status(models.TextChoices):
        OPEN = "OPEN", pgettext_lazy("post", "Open")
        HELD = "HELD", pgettext_lazy("post", "Held")
        CLOSED = "CLOSED", pgettext_lazy("post", "Closed")

    S = Status
    NEXT = {S.OPEN: {S.HELD, S.CLOSED}, S.HELD: {S.OPEN, S.CLOSED}}

    compound = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="steward_posts",
        verbose_name=_("where"),
        help_text=_("A compound, or the community itself."),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    subject = models.CharField(_("building or facility"), max_length=40)
    duties = models.CharField(_("what there is to do"), max_length=500, blank=True)
    term_months = models.PositiveSmallIntegerField(_("term in months"), default=12)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_once = models.UUIDField(
        null=True, unique=True, editable=False, help_text="The form it came from: sent twice, it is one post."
    )

    objects = StewardPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward post")
        verbose_name_plural = _("steward posts")
        ordering = ["compound__path", "subject", "kind", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(subject=""), name="steward_post_is_for_something"),
            models.CheckConstraint(
                condition=Q(term_months__gte=1, term_months__lte=MONTHS_AT_MOST), name="steward_post_term_months"
            ),
            models.UniqueConstraint(
                fields=["compound", "kind", "subject"],
                condition=~Q(status="CLOSED"),
                name="steward_post_once",
                violation_error_message=_("There is such a post already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.compound} {self.subject}"

    @property
    def page(self) -> str:
        return reverse("post", args=[self.pk])


class StewardTermQuerySet(models.QuerySet["StewardTerm"]):
    def current(self) -> Self:
        return self.filter(ended_on=None)

    def within(self, quarter: Quarter) -> Self:
        """Those of which at least one day lies in the quarter."""
        lasted = Q(ended_on=None) | Q(ended_on__gte=quarter.first_day)
        return self.filter(lasted, began_on__lte=quarter.last_day)


class StewardTerm(models.Model):
    """From when to when a member holds a post; all of them together are its history."""

    class Ending(models.TextChoices):
        RUN_OUT = "RUN_OUT", _("The term was over")
        GIVEN_UP = "GIVEN_UP", _("Given up")
        HANDED_OVER = "HANDED_OVER", _("Handed over")
        RENEWED = "RENEWED", _("Followed by another term")
        ENDED = "ENDED", _("Ended by the community")
        CLOSED = "CLOSED", _("The post was closed")

    post = models.ForeignKey(StewardPost, models.PROTECT, related_name="terms", verbose_name=_("post"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="steward_terms", verbose_name=_("member"))
    began_on = models.DateField(_("from"))
    until = models.DateField(_("last day"))
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ending = models.CharField(_("how it ended"), max_length=12, choices=Ending, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    objects = StewardTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward's term")
        verbose_name_plural = _("stewards' terms")
        ordering = ["-began_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["post"], condition=Q(ended_on=None), name="steward_term_one_at_a_time"),
            models.CheckConstraint(condition=Q(until__gte=F("began_on")), name="steward_term_lasts_a_day"),
            models.CheckConstraint(
                condition=Q(ended_on=None, ending="") | Q(ended_on__gte=F("began_on")) & ~Q(ending=""),
                name="steward_term_ends_somehow",
            ),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_on=None), name="steward_term_until")]

    def __str__(self) -> str:
        return f"{self.post} · {self.member}"
