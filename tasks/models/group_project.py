from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Organization
from tasks.models.helper_group import HelperGroup
from tasks.models.wish import Wish

if TYPE_CHECKING:
    from accounts.access import Actor

MINUTES_AT_MOST = 24 * 60
PEOPLE_AT_MOST = 50


class GroupProjectQuerySet(models.QuerySet["GroupProject"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Those of the groups that the actor sees."""
        return self.filter(group__in=HelperGroup.objects.visible_to(actor).values("pk"))

    def on_offer(self) -> Self:
        """What a group that is not dissolved does for others at present."""
        return self.filter(status=GroupProject.Status.OFFERED, group__status=HelperGroup.Status.ACTIVE)

    def in_public(self, community: Organization) -> Self:
        """What residents of a community may ask its groups for; nothing in it names a member."""
        return self.on_offer().filter(group__community=community).select_related("group").order_by("group__name", "pk")


class GroupProject(models.Model):
    """What a helper group does for others when it is asked (帮扶项目)."""

    class Status(models.TextChoices):
        OFFERED = "OFFERED", pgettext_lazy("project", "On offer")
        WITHDRAWN = "WITHDRAWN", pgettext_lazy("project", "Not offered now")

    S = Status
    NEXT = {S.OFFERED: {S.WITHDRAWN}, S.WITHDRAWN: {S.OFFERED}}

    group = models.ForeignKey(HelperGroup, models.PROTECT, related_name="projects", verbose_name=_("group"))
    title = models.CharField(_("title"), max_length=40)
    what = models.CharField(_("what the group does"), max_length=300)
    for_whom = models.CharField(_("for whom it is"), max_length=60)
    category = models.CharField(_("category"), max_length=14, choices=Wish.Category)
    minutes = models.PositiveSmallIntegerField(_("minutes it usually takes"), default=60)
    people = models.PositiveSmallIntegerField(_("people it usually takes"), default=2)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.OFFERED)

    objects = GroupProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("help project")
        verbose_name_plural = _("help projects")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(what="") & ~Q(for_whom=""), name="group_project_says_what_for_whom"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MINUTES_AT_MOST),
                name="group_project_takes_a_time",
                violation_error_message=_("Between 1 minute and a day."),
            ),
            models.CheckConstraint(
                condition=Q(people__gte=1, people__lte=PEOPLE_AT_MOST),
                name="group_project_takes_people",
                violation_error_message=_("Between 1 and 50 people."),
            ),
            models.UniqueConstraint(
                fields=["group", "title"],
                name="group_project_title_once",
                violation_error_message=_("The group has a project of that name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_offered(self) -> bool:
        return self.status == self.Status.OFFERED
