from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Member, Organization, Role, User
from accounts.models.organization import at_or_below
from tasks.models.photo import KeptPhoto
from tasks.models.wish import new_tracking_number

if TYPE_CHECKING:
    from accounts.access import Actor


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, actor: "Actor") -> Self:
        """A person's own, whatever the hat, and what the hat answers; nobody else reads them."""
        own = Q(author__user=actor.user) | Q(sender=actor.user) if actor.user else Q(pk__in=[])
        return self.filter(own | _answered_by(actor))

    def answered_by(self, actor: "Actor") -> Self:
        """Those of the community whose staff acts; the city those of a community's only secretary."""
        return self.filter(_answered_by(actor))

    def of_others(self, user: User) -> Self:
        """Without a person's own, as `is_of` knows them: nobody decides on these."""
        return self.exclude(Q(author__user=user) | Q(sender=user)).exclude(
            pk__in=SuggestionContact.objects.filter(phone=user.phone or "-").values("suggestion")
        )

    def waiting(self) -> Self:
        return self.filter(status=Suggestion.Status.NEW)

    def with_all(self) -> Self:
        """With what is shown of a suggestion besides its own words."""
        return self.select_related("author__user", "sender", "contact", "community__merged_into")


def _answered_by(actor: "Actor") -> Q:
    from accounts.access import Ability

    below = at_or_below("community__path", actor.home_paths)
    if actor.can(Ability.ANSWER_SUGGESTIONS):
        return below
    return below & _of_the_only_secretary() if actor.can(Ability.STAND_IN) else Q(pk__in=[])


def _of_the_only_secretary() -> Q:
    """Sent by the one secretary who acts for the community today, or for the one that it was merged into."""
    there = Q(organization=OuterRef("community")) | Q(organization=OuterRef("community__merged_into"))
    secretaries = Appointment.objects.in_force(timezone.localdate()).filter(there, role=Role.SECRETARY)
    own = (
        Q(user=Coalesce(OuterRef("author__user"), 0))
        | Q(user=Coalesce(OuterRef("sender"), 0))
        | Q(user__phone=Coalesce(OuterRef("contact__phone"), Value("-")))
    )
    return Q(Exists(secretaries.filter(own))) & ~Q(Exists(secretaries.filter(~own)))


class Suggestion(models.Model):
    """What a member, or a resident, proposes to the community (建言献策)."""

    class Status(models.TextChoices):
        NEW = "NEW", _("To be answered")
        ANSWERED = "ANSWERED", _("Answered")
        ADOPTED = "ADOPTED", _("Adopted")
        PARTLY_ADOPTED = "PARTLY", _("Partly adopted")  # a record keeps twelve letters of a state
        NOT_ADOPTED = "NOT_ADOPTED", _("Not adopted")

    S = Status
    NEXT = {
        S.NEW: {S.ANSWERED, S.ADOPTED, S.PARTLY_ADOPTED, S.NOT_ADOPTED},
        S.ANSWERED: {S.ADOPTED, S.PARTLY_ADOPTED, S.NOT_ADOPTED},
    }
    DECIDED = (S.ADOPTED, S.PARTLY_ADOPTED, S.NOT_ADOPTED)
    UNDECIDED = (S.NEW, S.ANSWERED)

    class Category(models.TextChoices):
        ENVIRONMENT = "ENVIRONMENT", _("Environment")
        SAFETY = "SAFETY", _("Safety")
        FACILITIES = "FACILITIES", _("Facilities")
        ACTIVITIES = "ACTIVITIES", _("Activities")
        SERVICES = "SERVICES", _("Everyday services")
        OTHER = "OTHER", _("Other")

    WORDS_AT_MOST = 500  # of an answer: as many as its record keeps

    number = models.CharField(_("tracking number"), max_length=10, unique=True, default=new_tracking_number)
    community = models.ForeignKey(Organization, models.PROTECT, related_name="suggestions", verbose_name=_("community"))
    author = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("author"),
        help_text=_("The member who wrote it; a resident stands in the contact instead."),
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="suggestions",
        verbose_name=_("sender"),
        help_text=_("The account of a resident who was logged in."),
    )
    category = models.CharField(_("category"), max_length=12, choices=Category)
    text = models.CharField(_("what is suggested"), max_length=settings.SUGGESTION_TEXT_AT_MOST)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.NEW)
    since = models.DateTimeField(_("in this state since"), default=timezone.now)
    answer = models.CharField(_("answer"), max_length=WORDS_AT_MOST, blank=True)
    reason = models.CharField(_("reasons of the decision"), max_length=WORDS_AT_MOST, blank=True)
    outcome = models.CharField(_("what came of it"), max_length=WORDS_AT_MOST, blank=True)
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one suggestion."
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    outcome_at = models.DateTimeField(_("outcome told"), null=True, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["community", "status"], name="suggestion_queue"),
            models.Index(fields=["status", "since"], name="suggestion_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="suggestion_says_something"),
            models.CheckConstraint(condition=Q(author=None) | Q(sender=None), name="suggestion_of_one_person"),
            models.CheckConstraint(
                condition=Q(status="NEW", answered_at=None) | ~Q(status="NEW") & Q(answered_at__isnull=False),
                name="suggestion_answered_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["NEW", "ANSWERED"], decided_at=None)
                | ~Q(status__in=["NEW", "ANSWERED"]) & Q(decided_at__isnull=False),
                name="suggestion_decided_on_a_day",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(decided_at__isnull=False, outcome_at__isnull=False),
                name="suggestion_decided_before_its_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def person(self) -> User | None:
        """The account of who sent it, a member's or a resident's; none for a resident without one."""
        return self.author.user if self.author else self.sender

    @property
    def page(self) -> str:
        return reverse("suggestion", args=[self.pk])

    def is_of(self, user: User | None) -> bool:
        """Whether it is that person's own: by the account, or by the phone that a resident gave."""
        contact: SuggestionContact | None = getattr(self, "contact", None)
        return user is not None and (self.person == user or contact is not None and contact.phone == user.phone)


class SuggestionContact(models.Model):
    """The resident who sent it: apart from the suggestion, so that it can be hidden, and erased."""

    suggestion = models.OneToOneField(Suggestion, models.CASCADE, related_name="contact", verbose_name=_("suggestion"))
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(_("mobile phone"), max_length=11)
    consent_version = models.CharField(_("privacy statement agreed to"), max_length=20)

    class Meta:
        verbose_name = _("contact of a suggestion")
        verbose_name_plural = _("contacts of suggestions")
        indexes = [models.Index(fields=["phone"], name="suggestion_contact_phone")]
        constraints = [models.CheckConstraint(condition=~Q(phone=""), name="suggestion_contact_can_be_reached")]

    def __str__(self) -> str:
        return self.name


class SuggestionPhoto(KeptPhoto):
    """A picture of what a suggestion is about."""

    FOLDER = "suggestions"

    suggestion = models.ForeignKey(
        Suggestion, models.CASCADE, null=True, related_name="photos", verbose_name=_("suggestion")
    )

    class Meta(KeptPhoto.Meta):
        verbose_name = _("suggestion photo")
        verbose_name_plural = _("suggestion photos")
        constraints = [
            models.CheckConstraint(
                condition=Q(suggestion=None, form__isnull=False) | Q(suggestion__isnull=False, form=None),
                name="suggestion_photo_of_one_or_a_form",
            )
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id or self.form} · {self.pk}"

    @property
    def address(self) -> str:
        return reverse("suggestion_photo", args=[self.pk])
