from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.models.organization import at_or_below
from tasks.models.boundary import BoundaryLine

if TYPE_CHECKING:
    from accounts.access import Actor


# More than these cannot be written down, whatever a year's rule says.
FLAGS_AT_MOST = 5
COMPANIONS_AT_MOST = 5
FIRST_MINUTES_AT_MOST = 60


class Category(models.TextChoices):
    """The five leads (五带头), and what a community recognises besides."""

    COMMUNITY_ACTIVITY = "COMMUNITY_ACTIVITY", _("Community activity")
    MICRO_WISH = "MICRO_WISH", _("Micro-wish")
    RED_STEWARD = "RED_STEWARD", _("Red steward")
    HELPER_GROUP = "HELPER_GROUP", _("Helper group")
    SUGGESTION = "SUGGESTION", _("Suggestion")
    OTHER = "OTHER", _("Other matter")


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Members: what is published to where they live, or what they have claimed. Staff: what theirs published.

        What the city passes down is no member's to claim; its communities' staff see it, to host it.
        """
        if actor.member:
            from tasks.models.claim import Claim

            claimed = Claim.objects.filter(member=actor.member).values("shift__task")
            mine = self.for_home(actor.member.home) | self.filter(pk__in=claimed)
            return mine.filter(host_by=None).published()
        seen = at_or_below("publisher__path", actor.home_paths) | _asked_of(actor.organization)
        return self.filter(seen).drafts_only_for(actor)

    def drafts_only_for(self, actor: "Actor") -> Self:
        """Without the drafts of an organization in whose name the actor does not publish."""
        return self.filter(~Q(status=Task.Status.DRAFT) | actor.publishes_for("publisher"))

    def published(self) -> Self:
        """All but drafts, which count nowhere."""
        return self.exclude(status=Task.Status.DRAFT)

    def published_within(self, paths: tuple[str, ...]) -> Self:
        return self.filter(at_or_below("publisher__path", paths))

    def to_host(self, community: Organization, day: date) -> Self:
        """What the city asks of this community, and can still be hosted on `day`."""
        return self.filter(_asked_of(community), status=Task.Status.OPEN, host_by__gte=day)

    def hosting(self) -> Self:
        """What communities host of the city, or have hosted: neither drafts nor what was called off."""
        return self.filter(parent__isnull=False).exclude(status__in=[Task.Status.DRAFT, Task.Status.CANCELLED])

    def for_home(self, home: Organization | None) -> Self:
        """Whose audience is `home` or above it; nothing without a home."""
        if home is None:
            return self.none()
        return self.filter(audience__path__in=paths_down_to(home))


def paths_down_to(home: Organization) -> list[str]:
    """Of everything above `home`, from the city on, and its own: a task for one of these is for who lives there."""
    steps = home.path.split("/")[:-1]
    return ["/".join(steps[: i + 1]) + "/" for i in range(len(steps))]


def _asked_of(place: Organization | None) -> Q:
    """What the city passes down to a community; nothing to any other place."""
    if place is None or place.kind != Organization.Kind.COMMUNITY:
        return Q(pk__in=[])
    return Q(publisher__path=place.city_path, host_by__isnull=False) & ~Q(status=Task.Status.DRAFT)


class Task(models.Model):
    """What an organization publishes for volunteers (下单), with its shifts."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")
        SCHEDULED = "SCHEDULED", _("Scheduled")
        OPEN = "OPEN", _("Open")
        CLOSED = "CLOSED", _("Closed")
        CANCELLED = "CANCELLED", _("Cancelled")

    S = Status
    NEXT = {
        S.DRAFT: {S.SCHEDULED, S.OPEN, S.CANCELLED},
        S.SCHEDULED: {S.OPEN, S.CANCELLED},
        S.OPEN: {S.CLOSED, S.CANCELLED},
    }
    OVER = (S.CLOSED, S.CANCELLED)
    ANNOUNCED = (S.SCHEDULED, S.OPEN)
    FROM_THE_CITY = ("category", "content", "served", "flag_value", "boundary_line", "justification")

    publisher = models.ForeignKey(
        Organization, models.PROTECT, related_name="published_tasks", verbose_name=_("published by")
    )
    audience = models.ForeignKey(
        Organization, models.PROTECT, related_name="open_tasks", verbose_name=_("for members of")
    )
    title = models.CharField(_("title"), max_length=60)
    content = models.TextField(_("what is to be done"), max_length=2000)
    category = models.CharField(_("category"), max_length=20, choices=Category, default=Category.COMMUNITY_ACTIVITY)
    place = models.CharField(_("place"), max_length=80)
    flag_value = models.PositiveSmallIntegerField(_("flags"), default=1)
    contact_name = models.CharField(_("contact"), max_length=40)
    contact_phone = models.CharField(_("contact's telephone"), max_length=20)
    requirements = models.CharField(_("requirements"), max_length=300, blank=True)
    risk_note = models.CharField(_("risks to know of"), max_length=300, blank=True)
    served = models.CharField(_("whom it serves"), max_length=60)
    companions_at_most = models.PositiveSmallIntegerField(
        _("companions a member may bring"),
        default=0,
        help_text=_("Family or friends; each takes a place and earns no flag. 0 means none."),
    )
    sign_in = models.BooleanField(_("sign-in on the spot by QR code"), default=False)
    boundary_line = models.ForeignKey(
        BoundaryLine, models.PROTECT, null=True, blank=True, verbose_name=_("boundary list")
    )
    justification = models.CharField(_("justification"), max_length=300, blank=True)
    opens_at = models.DateTimeField(_("can be claimed from"))
    first_minutes = models.PositiveSmallIntegerField(
        _("first minutes for members who still lack flags"),
        default=0,
        help_text=_("So long after the opening only they can claim. 0 means everybody from the start."),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("task of the city"),
        help_text=_("The task that the city passed down and a community hosts with this one."),
    )
    host_by = models.DateField(
        _("communities host it by"),
        null=True,
        blank=True,
        help_text=_("The last day on which a community may hold it; only for what the city passes down."),
    )
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repetitions", verbose_name=_("repeats")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    cancel_reason = models.CharField(_("reason for the cancellation"), max_length=200, blank=True)
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one task."
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["audience", "status"], name="task_audience")]
        constraints = [
            models.CheckConstraint(
                condition=Q(flag_value__gte=1, flag_value__lte=FLAGS_AT_MOST),
                name="task_flag_value_in_range",
                violation_error_message=_("A task is worth between 1 and 5 flags."),
            ),
            models.CheckConstraint(
                condition=Q(boundary_line=None) | ~Q(justification="") | Q(status="DRAFT"),
                name="task_on_the_boundary_is_justified",
                violation_error_message=_("Work on the boundary list needs a written justification."),
            ),
            models.CheckConstraint(
                condition=~Q(served="") | Q(status="DRAFT"),
                name="task_serves_someone",
                violation_error_message=_("Say whom the task serves."),
            ),
            models.CheckConstraint(
                condition=Q(companions_at_most__lte=COMPANIONS_AT_MOST),
                name="task_companions_in_range",
                violation_error_message=_("A member may bring at most 5 companions."),
            ),
            models.CheckConstraint(
                condition=Q(first_minutes__lte=FIRST_MINUTES_AT_MOST),
                name="task_first_minutes_in_range",
                violation_error_message=_("At most the first 60 minutes."),
            ),
            models.CheckConstraint(condition=Q(parent=None) | Q(host_by=None), name="task_passed_down_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_passed_down(self) -> bool:
        """Whether communities host it: it has no shifts of its own, its children have."""
        return self.host_by is not None

    def can_be_hosted(self, day: date) -> bool:
        """Whether the city still asks for it on `day`."""
        return self.host_by is not None and self.host_by >= day and self.status == Task.Status.OPEN

    @property
    def first_until(self) -> datetime:
        """Until when only those may claim who still lack flags this year."""
        return self.opens_at + timedelta(minutes=self.first_minutes)
