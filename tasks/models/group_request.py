from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Member
from accounts.models.organization import at_or_below
from tasks.models.group_project import GroupProject
from tasks.models.helper_group import GroupMembership, HelperGroup
from tasks.models.task import Task
from tasks.models.wish import Wish

if TYPE_CHECKING:
    from accounts.access import Actor


class GroupRequestQuerySet(models.QuerySet["GroupRequest"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Staff who keep groups: those of their community. Members: what the groups that they lead have been asked."""
        from accounts.access import Ability

        if actor.member:
            agreed = GroupMembership.objects.agreed().filter(member=actor.member).values("group")
            led = self.filter(group__leader=actor.member, group__in=agreed)
            return led.filter(~Q(status=GroupRequest.Status.NEW) & ~Q(words=""))
        paths = actor.home_paths if actor.can(Ability.KEEP_GROUPS) else ()
        return self.filter(at_or_below("group__community__path", paths))

    def living(self) -> Self:
        return self.filter(status__in=GroupRequest.LIVING)

    def with_all(self) -> Self:
        """With what is shown of a request besides its own words."""
        return self.select_related(
            "group__community", "group__leader__user", "project", "task", "wish__contact", "wish__community__parent"
        )


class GroupRequest(models.Model):
    """That a group is asked for one of its projects: by the community itself, or by a resident, whose wish it is then.

    A resident's waits at the community first (`NEW`). Accepted, it has hours and names who comes, and the community
    makes it a task with the group's places in it.
    """

    class Status(models.TextChoices):
        NEW = "NEW", pgettext_lazy("request", "With the community")
        ASKED = "ASKED", pgettext_lazy("request", "The group is asked")
        ACCEPTED = "ACCEPTED", pgettext_lazy("request", "The group comes")
        PUBLISHED = "PUBLISHED", pgettext_lazy("request", "A task of the group")
        DECLINED = "DECLINED", pgettext_lazy("request", "The group cannot")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("request", "Called off")

    S = Status
    NEXT = {
        S.NEW: {S.ASKED, S.WITHDRAWN},
        S.ASKED: {S.ACCEPTED, S.DECLINED, S.WITHDRAWN},
        S.ACCEPTED: {S.PUBLISHED, S.ASKED, S.DECLINED, S.WITHDRAWN},
    }
    LIVING = (S.NEW, S.ASKED, S.ACCEPTED)
    WORDS_AT_MOST = 500
    ANSWER_AT_MOST = 300

    group = models.ForeignKey(HelperGroup, models.PROTECT, related_name="requests", verbose_name=_("group"))
    project = models.ForeignKey(GroupProject, models.PROTECT, related_name="requests", verbose_name=_("help project"))
    wish = models.ForeignKey(
        Wish,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="group_requests",
        verbose_name=_("wish"),
        help_text=_("The resident's; empty where the community itself asks."),
    )
    words = models.CharField(
        _("what is asked for"),
        max_length=WORDS_AT_MOST,
        blank=True,
        help_text=_("As the group reads it: without who asked or behind which door."),
    )
    place = models.CharField(_("where"), max_length=80, blank=True)
    wished_when = models.CharField(_("when it would suit"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.NEW)
    since = models.DateTimeField(_("in this state since"), default=timezone.now)
    answer = models.CharField(_("what the group says"), max_length=ANSWER_AT_MOST, blank=True)
    starts_at = models.DateTimeField(_("the group comes from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    people = models.ManyToManyField(Member, related_name="+", blank=True, verbose_name=_("who comes"))
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, blank=True, related_name="group_requests", verbose_name=_("task")
    )
    sent_once = models.UUIDField(
        unique=True, null=True, editable=False, help_text="The form it came from: sent twice, it is one request."
    )
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)

    objects = GroupRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to a group")
        verbose_name_plural = _("requests to groups")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["status", "since"], name="group_request_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=Q(wish__isnull=False) | ~Q(status="NEW") & ~Q(words=""), name="group_request_says_something"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ASKED", "ACCEPTED", "PUBLISHED"]) | ~Q(words=""),
                name="group_request_read_by_the_group",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["ACCEPTED", "PUBLISHED"]) | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="group_request_accepted_with_hours",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="group_request_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(status="PUBLISHED", task__isnull=False) | ~Q(status="PUBLISHED") & Q(task=None),
                name="group_request_published_as_a_task",
            ),
            models.CheckConstraint(
                condition=~Q(status="DECLINED") | ~Q(answer=""), name="group_request_declined_with_a_reason"
            ),
            models.UniqueConstraint(
                fields=["wish"],
                condition=Q(status__in=["NEW", "ASKED", "ACCEPTED"]),
                name="group_request_one_group_a_wish",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} · {self.project}"

    @property
    def page(self) -> str:
        return reverse("group_request", args=[self.pk])
