import secrets
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
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
        return self.filter(status__in=[Wish.Status.NEW, Wish.Status.ACCEPTED, Wish.Status.REOPENED])


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

    class Category(models.TextChoices):
        SCHOOL = "SCHOOL", _("Help with school")
        ELDERLY = "ELDERLY", _("Help for the elderly")
        REPAIR = "REPAIR", _("Repairs")
        GOODS = "GOODS", _("Things needed")
        GETTING_AROUND = "GETTING_AROUND", _("Getting around")
        PUBLIC = "PUBLIC", _("Public places")
        ADVICE = "ADVICE", _("Advice")

    number = models.CharField(_("tracking number"), max_length=10, unique=True, default=new_tracking_number)
    community = models.ForeignKey(Organization, models.PROTECT, related_name="wishes", verbose_name=_("community"))
    category = models.CharField(_("category"), max_length=14, choices=Category)
    text = models.CharField(_("what is needed"), max_length=settings.WISH_TEXT_AT_MOST)
    place = models.CharField(_("where"), max_length=80, blank=True)
    wanted_when = models.CharField(_("when"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.NEW)
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
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one wish."
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)

    objects = WishQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["community", "status"], name="wish_queue")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="wish_says_something"),
            models.CheckConstraint(
                condition=~Q(status__in=["PUBLISHED", "CLAIMED", "FULFILLED", "DONE"]) | Q(task__isnull=False),
                name="wish_published_as_a_task",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class WishContact(models.Model):
    """Who asked and how to reach them: apart from the wish, so that it can be hidden, and erased."""

    wish = models.OneToOneField(Wish, models.CASCADE, related_name="contact", verbose_name=_("wish"))
    name = models.CharField(_("name"), max_length=40)
    phone = models.CharField(_("mobile phone"), max_length=11)
    consent_version = models.CharField(_("privacy statement agreed to"), max_length=20)

    class Meta:
        verbose_name = _("resident's contact")
        verbose_name_plural = _("residents' contacts")
        indexes = [models.Index(fields=["phone"], name="wish_contact_phone")]

    def __str__(self) -> str:
        return self.name
