from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Exemption, Member, Organization, User
from accounts.models.organization import at_or_below
from flags.models.award import FlagAward
from tasks.models import Claim, StewardLog, Suggestion

if TYPE_CHECKING:
    from accounts.access import Actor

SUBJECTS = ("claim", "log", "suggestion", "award", "exemption", "starts_at")


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A member's own; for who answers, those to the own organization; for who decides, the city's."""
        from accounts.access import Ability

        if actor.member:
            return self.of(actor.member)
        own = actor.organization
        if own is None or not (actor.can(Ability.ANSWER_APPEALS) or actor.can(Ability.DECIDE_APPEALS)):
            return self.none()
        return self.filter(at_or_below("organization__path", [own.path]))

    def of(self, member: Member) -> Self:
        """A person's, from an account that was merged into theirs too."""
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def of_others(self, user: User) -> Self:
        """Without a person's own: nobody answers or decides these."""
        return self.exclude(Q(member__user=user) | Q(member__merged_into__user=user))

    def undecided(self) -> Self:
        return self.filter(status__in=Appeal.UNDECIDED)

    def decided(self) -> Self:
        return self.exclude(status__in=Appeal.UNDECIDED)

    def unanswered(self) -> Self:
        return self.filter(status=Appeal.Status.OPEN)

    def with_answerer(self) -> Self:
        """Each with `has_answerer`: whether somebody but the member may answer today for the organization asked."""
        from accounts.access import Ability, roles_with

        there = Appointment.objects.in_force(timezone.localdate()).filter(
            organization=OuterRef("organization"), role__in=roles_with(Ability.ANSWER_APPEALS)
        )
        own = Q(user=OuterRef("member__user")) | Q(user=Coalesce(OuterRef("member__merged_into__user"), 0))
        return self.annotate(has_answerer=Exists(there.exclude(own)))

    def with_all(self) -> Self:
        """With what a page of one says, in a fixed number of queries."""
        return self.select_related(
            "member__user",
            "member__merged_into__user",
            "organization",
            "claim__shift__task",
            "log__post__compound",
            "suggestion",
            "award__claim__shift__task",
            "award__log__post__compound",
            "award__suggestion",
            "award__matter",
            "award__entry",
            "award__reason",
            "against_user",
            "exemption",
            "answered_as__organization",
            "decided_as__organization",
        )


def _subjects_but(*mine: str) -> Q:
    """All other subjects are empty."""
    return Q(**dict.fromkeys([subject for subject in SUBJECTS if subject not in mine], None))


def _one_of(*subjects: str) -> Q:
    condition = Q()
    for subject in subjects:
        condition |= Q(**{f"{subject}__isnull": False}) & _subjects_but(subject)
    return condition


class Appeal(models.Model):
    """What a member says against an absence, a missing or revoked flag, or an exemption (申诉).

    The community answers, or for exemptions the work unit, and the city decides. All words stand in this row alone and
    may be emptied when a person is erased: states, dates and figures do not depend on them.
    """

    class Kind(models.TextChoices):
        ABSENCE = "ABSENCE", _("Marked as not there")
        MISSING = "MISSING", _("A flag is missing")
        REVOKED = "REVOKED", _("A flag was taken back")
        EXEMPTION = "EXEMPTION", _("Exemption or retirement")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Awaits an answer")
        ANSWERED = "ANSWERED", _("Awaits the city's decision")
        UPHELD = "UPHELD", _("Upheld")
        REJECTED = "REJECTED", _("Not upheld")

    S = Status
    NEXT = {
        S.OPEN: {S.ANSWERED, S.UPHELD, S.REJECTED},  # the city decides without an answer that is overdue
        S.ANSWERED: {S.UPHELD, S.REJECTED},
    }
    UNDECIDED = (S.OPEN, S.ANSWERED)

    SAME_BY = ("claim", "log", "suggestion", "award", "starts_at")
    WORDS_AT_MOST = 1000
    ANSWER_AT_MOST = 500

    member = models.ForeignKey(Member, models.PROTECT, related_name="appeals", verbose_name=_("member"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"), help_text=_("The year for which it would count."))
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        related_name="appeals",
        verbose_name=_("who answers"),
        help_text=_("The community, for exemptions the work unit; the city itself where it is the city's own doing."),
    )
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("claim"))
    log = models.ForeignKey(
        StewardLog, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("steward's log")
    )
    suggestion = models.ForeignKey(
        Suggestion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("suggestion")
    )
    award = models.ForeignKey(
        FlagAward, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name=_("taken back by")
    )
    exemption = models.ForeignKey(
        Exemption, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("exemption")
    )
    starts_at = models.DateTimeField(_("served from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("served until"), null=True, blank=True)
    what = models.CharField(_("what was done"), max_length=120, blank=True)
    words = models.CharField(_("what the member says"), max_length=WORDS_AT_MOST, blank=True)
    against_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("against a decision of"),
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    answer = models.CharField(_("answer"), max_length=ANSWER_AT_MOST, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_as = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("answered as")
    )
    reasons = models.CharField(_("reasons of the decision"), max_length=ANSWER_AT_MOST, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_as = models.ForeignKey(
        Appointment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided as")
    )
    lit = models.ForeignKey(
        FlagAward, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("what it lit")
    )
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one appeal."
    )

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["organization", "status"], name="appeal_queue"),
            models.Index(fields=["status", "created_at"], name="appeal_waiting"),
        ]
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[subject], condition=Q(status__in=["OPEN", "ANSWERED"]), name=f"appeal_one_open_a_{subject}"
                )
                for subject in ("claim", "log", "suggestion", "award")
            ),
            models.UniqueConstraint(
                fields=["member", "starts_at"],
                condition=Q(status__in=["OPEN", "ANSWERED"], starts_at__isnull=False),
                name="appeal_one_open_a_service",
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(status__in=["OPEN", "ANSWERED"], kind="EXEMPTION"),
                name="appeal_one_open_of_exemption",
            ),
            models.CheckConstraint(
                condition=Q(kind="ABSENCE") & _one_of("claim")
                | Q(kind="MISSING") & _one_of("claim", "log", "suggestion", "starts_at")
                | Q(kind="REVOKED") & _one_of("award")
                | Q(kind="EXEMPTION") & _subjects_but("exemption"),
                name="appeal_has_its_subject",
            ),
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="appeal_service_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", answered_at=None)
                | Q(status="ANSWERED", answered_at__isnull=False)
                | Q(status__in=["UPHELD", "REJECTED"]),
                name="appeal_answered_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["OPEN", "ANSWERED"], decided_at=None)
                | Q(status__in=["UPHELD", "REJECTED"], decided_at__isnull=False),
                name="appeal_decided_on_a_day",
            ),
            models.CheckConstraint(condition=Q(lit=None) | Q(status="UPHELD"), name="appeal_lights_when_upheld"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def page(self) -> str:
        return reverse("appeal", args=[self.pk])

    @property
    def person(self) -> User:
        """Who appealed: an account that was merged is the one that was kept."""
        return (self.member.merged_into or self.member).user

    @property
    def is_decided(self) -> bool:
        return self.status not in self.UNDECIDED

    @property
    def about(self) -> str:
        """What it is about, in a few words; of a suggestion none of its own, which the city does not read."""
        if self.claim:
            return str(self.claim.shift.task)
        if self.award:
            return self.award.what
        if self.log:
            return f"{self.log.post} · {self.log.of}"
        if self.suggestion:
            return gettext("Adopted suggestion")
        if self.kind == Appeal.Kind.EXEMPTION:
            reason = self.exemption.get_reason_display() if self.exemption else self.get_kind_display()
            return f"{reason} · {self.year}"
        return self.what or self.get_kind_display()

    @property
    def is_of_a_service(self) -> bool:
        """Whether it is about a service that is written nowhere."""
        return self.starts_at is not None

    @property
    def sent_on(self) -> date:
        return timezone.localdate(self.created_at)

    @property
    def since(self) -> datetime:
        """Since when it waits for whoever is next."""
        return self.answered_at or self.created_at
