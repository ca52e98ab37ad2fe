"""A member's year on paper (社区贡献档案): the sealed snapshot, the words beside it, and what others say of the member."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Appointment, Member, Organization
from accounts.models.organization import at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor

OPINION_AT_MOST = 500


class DossierQuerySet(models.QuerySet["Dossier"]):
    def of(self, member: Member) -> Self:
        """A person's, under an account that was merged into theirs too; of a year the newest first."""
        return self.filter(Q(member=member) | Q(member__merged_into=member)).order_by("-year", "-sealed_at", "-pk")


class Dossier(models.Model):
    """One version of a member's year, sealed: never changed, never deleted. The newest of a person and year is current.

    `content` is figures and lines, without the member's name or anybody's words: these stand in `DossierWords`, of
    which `content` keeps the hash. `digest` is SHA-256 over the canonical form of `content`.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="dossiers", verbose_name=_("member"))
    year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"))
    serial = models.CharField(_("serial number"), max_length=20, unique=True)
    flags = models.SmallIntegerField(_("flags"))
    services = models.SmallIntegerField(_("services"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("sealed by")
    )
    by_appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    sealed_at = models.DateTimeField(_("sealed"), default=timezone.now)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ["-sealed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "year", "version"], name="dossier_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="dossier_version_from_one"),
            models.CheckConstraint(condition=~Q(digest=""), name="dossier_has_a_digest"),
        ]

    def __str__(self) -> str:
        return self.serial

    @property
    def short_digest(self) -> str:
        return self.digest[:16]


class DossierWords(models.Model):
    """The name and everybody's words beside a sealed dossier, which can be erased while the figures stay."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="words", verbose_name=_("dossier"))
    name = models.CharField(_("name"), max_length=40)
    words = models.JSONField(_("words"), default=dict)

    class Meta:
        verbose_name = _("words of a dossier")
        verbose_name_plural = _("words of dossiers")

    def __str__(self) -> str:
        return self.name


class DossierOpinionQuerySet(models.QuerySet["DossierOpinion"]):
    def visible_to(self, actor: "Actor") -> Self:
        """The member's own. For staff, of members whose dossier they may open: what their own organization has written,
        and what the member has had time to answer."""
        from accounts.access import Ability

        if actor.member:
            return self.of(actor.member)
        if actor.organization is None or not actor.can(Ability.SEE_DOSSIERS):
            return self.none()
        shared = Q(status=DossierOpinion.Status.SHARED)
        if actor.can(Ability.WRITE_OPINIONS):
            return self.filter(shared | at_or_below("organization__path", [actor.organization.path]))
        return self.filter(shared)

    def of(self, member: Member) -> Self:
        return self.filter(Q(member=member) | Q(member__merged_into=member))

    def current(self) -> Self:
        return self.exclude(status=DossierOpinion.Status.REPLACED)


class DossierOpinion(models.Model):
    """What the community (社区反馈意见) or the work unit says of a member's year.

    The member reads it first and may answer once; then it is shared with community, unit and city. Said anew, it is
    another version.
    """

    class Status(models.TextChoices):
        WITH_MEMBER = "WITH_MEMBER", _("With the member")
        SHARED = "SHARED", pgettext_lazy("opinion", "Shared")
        REPLACED = "REPLACED", pgettext_lazy("opinion", "Replaced")

    S = Status
    NEXT = {S.WITH_MEMBER: {S.SHARED, S.REPLACED}, S.SHARED: {S.REPLACED}}

    member = models.ForeignKey(Member, models.PROTECT, related_name="opinions", verbose_name=_("member"))
    year = models.PositiveSmallIntegerField(_("year"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=_("community or work unit")
    )
    kind = models.CharField(_("whose"), max_length=12, choices=Organization.Kind, editable=False)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text = models.CharField(_("opinion"), max_length=OPINION_AT_MOST)
    by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("written by")
    )
    by_appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    answer_by = models.DateTimeField(_("may be answered until"))
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.WITH_MEMBER)
    answer = models.CharField(_("answer"), max_length=OPINION_AT_MOST, blank=True)
    read_at = models.DateTimeField(_("read by the member"), null=True, blank=True)
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one opinion."
    )

    objects = DossierOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = _("opinion in a dossier")
        verbose_name_plural = _("opinions in dossiers")
        ordering = ["-year", "kind", "-written_at", "-pk"]
        indexes = [
            models.Index(fields=["answer_by"], condition=Q(status="WITH_MEMBER"), name="opinion_with_member"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["member", "year", "kind", "version"], name="opinion_version_once"),
            models.UniqueConstraint(
                fields=["member", "year", "kind"], condition=~Q(status="REPLACED"), name="opinion_one_current"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="opinion_says_something"),
            models.CheckConstraint(
                condition=Q(kind__in=["COMMUNITY", "WORK_UNIT"]), name="opinion_of_community_or_unit"
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(read_at__isnull=False), name="opinion_read_before_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.year} · {self.organization}"

    @property
    def awaits_answer(self) -> bool:
        return self.status == self.Status.WITH_MEMBER
