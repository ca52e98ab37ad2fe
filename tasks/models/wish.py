import secrets
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.models.organization import at_or_below

if TYPE_CHECKING:
    from accounts.access import Actor

READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0/O, 1/I/L: read out over the phone


def new_tracking_number() -> str:
    """Ten characters drawn at random (31^10): it cannot be guessed or counted up."""
    return "".join(secrets.choice(READABLE) for _ in range(10))


class WishQuerySet(models.QuerySet["Wish"]):
    def visible_to(self, actor: "Actor") -> Self:
        """The wishes of the community whose staff acts; nobody else sees what was written."""
        from accounts.access import Ability

        paths = actor.home_paths if actor.can(Ability.HANDLE_WISHES) else ()
        return self.filter(at_or_below("community__path", paths))

    def waiting(self) -> Self:
        """What the community has to do something about."""
        return self.filter(status__in=Wish.WAITING)

    def stranded(self) -> Self:
        """Published, but the task was called off, or is over and nobody came: they can be published again."""
        from tasks.models.task import Task

        return self.filter(status=Wish.Status.PUBLISHED, task__status__in=Task.OVER)

    def with_all(self) -> Self:
        """With what is shown of a wish besides its own words."""
        return self.select_related("contact", "community__merged_into", "compound", "task", "merged_into")


class Wish(models.Model):
    """What a resident asks for (微心愿)."""

    class Status(models.TextChoices):
        NEW = "NEW", _("New")
        ASKED_BACK = "ASKED_BACK", _("Asked back")
        DECLINED = "DECLINED", _("Declined")
        MERGED = "MERGED", _("Merged")
        ACCEPTED = "ACCEPTED", _("Accepted")
        PUBLISHED = "PUBLISHED", _("Published")
        CLAIMED = "CLAIMED", _("Claimed")
        FULFILLED = "FULFILLED", _("Fulfilled")
        DONE = "DONE", _("Done")
        REOPENED = "REOPENED", _("Reopened")

    S = Status
    NEXT = {
        S.NEW: {S.ASKED_BACK, S.DECLINED, S.MERGED, S.ACCEPTED},
        S.ASKED_BACK: {S.NEW},
        S.ACCEPTED: {S.PUBLISHED},
        S.PUBLISHED: {S.CLAIMED},
        S.CLAIMED: {S.PUBLISHED, S.FULFILLED},
        S.FULFILLED: {S.DONE, S.REOPENED},
        S.DONE: {S.REOPENED},
        S.REOPENED: {S.PUBLISHED, S.DECLINED},
    }
    WAITING = (S.NEW, S.ACCEPTED, S.REOPENED)  # for the community to do something
    LEADS_NOWHERE = (S.DECLINED, S.MERGED)
    OVER = (*LEADS_NOWHERE, S.DONE)

    class Category(models.TextChoices):
        SCHOOL = "SCHOOL", _("Help with school")
        ELDERLY = "ELDERLY", _("Help for the elderly")
        REPAIR = "REPAIR", _("Repairs")
        GOODS = "GOODS", _("Things needed")
        GETTING_AROUND = "GETTING_AROUND", _("Getting around")
        PUBLIC = "PUBLIC", _("Public places")
        ADVICE = "ADVICE", _("Advice")

    class ForWhom(models.TextChoices):
        SELF = "SELF", _("For myself or my family")
        OTHER = "OTHER", _("For somebody else, who agrees")
        EVERYONE = "EVERYONE", _("For everyone, such as a street lamp")

    class Channel(models.TextChoices):
        """How it reached the community; all but the first are written down by its staff."""

        ONLINE = "ONLINE", _("Sent here by the resident")
        WECHAT = "WECHAT", _("WeChat group")
        SAFETY_APP = "SAFETY_APP", _("Safety app")
        STEWARD = "STEWARD", _("“Three services” steward")
        PHONE = "PHONE", _("Telephone")
        IN_PERSON = "IN_PERSON", _("In person")

    class Verified(models.TextChoices):
        PHONE = "PHONE", _("by telephone")
        DOOR = "DOOR", _("at the door")

    class Rating(models.TextChoices):
        """How it was, in the resident's word at the end."""

        GOOD = "GOOD", _("Good")
        FAIR = "FAIR", _("All right")
        POOR = "POOR", _("Not good")

    number = models.CharField(_("tracking number"), max_length=10, unique=True, default=new_tracking_number)
    community = models.ForeignKey(Organization, models.PROTECT, related_name="wishes", verbose_name=_("community"))
    compound = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("compound")
    )
    category = models.CharField(_("category"), max_length=14, choices=Category)
    text = models.CharField(_("what is needed"), max_length=settings.WISH_TEXT_AT_MOST)
    edited_text = models.CharField(
        _("text as it may be published"),
        max_length=settings.WISH_TEXT_AT_MOST,
        blank=True,
        help_text=_("Where the resident's own words must not be; these are kept as they are."),
    )
    place = models.CharField(_("where"), max_length=80, blank=True)
    wanted_when = models.CharField(_("when"), max_length=80, blank=True)
    for_whom = models.CharField(_("for whom"), max_length=8, choices=ForWhom, default=ForWhom.SELF)
    for_minor = models.BooleanField(_("for a child under 18"), default=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.ONLINE)
    hardship = models.BooleanField(
        _("household in special hardship"),
        default=False,
        help_text=_("Goes first in the community's queue, and nobody else sees it."),
    )
    verified = models.CharField(_("verified"), max_length=5, choices=Verified, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
    since = models.DateTimeField(_("in this state since"), default=timezone.now)
    answer = models.CharField(_("answer to the resident"), max_length=300, blank=True)
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="wishes",
        verbose_name=_("sender"),
    )
    task = models.ForeignKey(
        "tasks.Task", models.PROTECT, null=True, blank=True, related_name="wishes", verbose_name=_("task")
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into")
    )
    rating = models.CharField(_("how it was"), max_length=4, choices=Rating, blank=True)
    resident_words = models.CharField(_("the resident's words at the end"), max_length=300, blank=True)
    thanks_passed_at = models.DateTimeField(_("thanks passed on"), null=True, blank=True)
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one wish."
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)
    # When it first got so far; a wish that comes back keeps these, so that the city's figures stay what they were.
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    published_at = models.DateTimeField(_("first published"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("first claimed"), null=True, blank=True)
    fulfilled_at = models.DateTimeField(_("first reported fulfilled"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["created_at"]
        indexes = [
            models.Index(fields=["community", "status"], name="wish_queue"),
            models.Index(fields=["status", "since"], name="wish_waiting"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="wish_says_something"),
            models.CheckConstraint(
                condition=~Q(status__in=["PUBLISHED", "CLAIMED", "FULFILLED", "DONE"]) | Q(task__isnull=False),
                name="wish_published_as_a_task",
            ),
            models.CheckConstraint(
                condition=Q(status="MERGED", merged_into__isnull=False) | ~Q(status="MERGED") & Q(merged_into=None),
                name="wish_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="wish_not_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.current_text[:30]

    @property
    def current_text(self) -> str:
        """What staff reads first and publishing starts from; the resident's own words stay in `text`."""
        return self.edited_text or self.text

    def came_before(self, other: "Wish") -> bool:
        return (self.created_at, self.pk) < (other.created_at, other.pk)


class WishContact(models.Model):
    """Who asked and how to reach them: apart from the wish, so that it can be hidden, and erased."""

    wish = models.OneToOneField(Wish, models.CASCADE, related_name="contact", verbose_name=_("wish"))
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(
        _("mobile phone"), max_length=11, blank=True, help_text=_("Empty only where staff wrote the wish down.")
    )
    other_way = models.CharField(_("another way to reach them"), max_length=80, blank=True)
    for_name = models.CharField(_("whom it is for"), max_length=40, blank=True)
    for_phone = models.CharField(_("their mobile phone"), max_length=11, blank=True)
    for_consent = models.BooleanField(_("that person agrees"), default=False)
    consent_version = models.CharField(_("privacy statement agreed to"), max_length=20)

    class Meta:
        verbose_name = _("resident's contact")
        verbose_name_plural = _("residents' contacts")
        indexes = [models.Index(fields=["phone"], name="wish_contact_phone")]

    def __str__(self) -> str:
        return self.name
