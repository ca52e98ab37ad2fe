from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.access import Actor


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def within(self, *paths: str) -> Self:
        """The organizations at or below any of `paths`; none for no path."""
        return self.filter(at_or_below("path", paths))

    def communities(self) -> Self:
        return self.filter(kind=Organization.Kind.COMMUNITY)

    def units(self) -> Self:
        return self.filter(kind=Organization.Kind.WORK_UNIT)

    def in_use(self) -> Self:
        return self.filter(closed_on=None)

    def for_change(self, *organizations: "Organization") -> list["Organization"]:
        """These as they are now, held until the transaction ends; in one order, so that nobody waits for each other."""
        keys = {organization.pk for organization in organizations}
        rows = self.filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True)
        fresh = {row.pk: row for row in rows}
        return [fresh[organization.pk] for organization in organizations]

    def governed_by(self, actor: "Actor") -> Self:
        """Those that the actor may add to, rename, merge and close, and appoint people for."""
        return self.within(*actor.governed_paths)


def at_or_below(field: str, paths: tuple[str, ...] | list[str]) -> Q:
    """The condition that `field`, a tree path, lies in one of the subtrees `paths`."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{field}__startswith": path})
    return condition


class Organization(models.Model):
    """A party organization: one tree from the city down to the compound; units hang below their city."""

    class Kind(models.TextChoices):
        CITY = "CITY", _("City")
        STREET = "STREET", _("Street")
        COMMUNITY = "COMMUNITY", _("Community")
        SUBCOMMUNITY = "SUBCOMMUNITY", _("Compound")
        WORK_UNIT = "WORK_UNIT", _("Work unit")

    class Category(models.TextChoices):
        CITY_ORGAN = "CITY_ORGAN", _("City organ")
        TOWNSHIP_ORGAN = "TOWNSHIP_ORGAN", _("Township or street organ")
        PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION", _("Public institution")
        STATE_ENTERPRISE = "STATE_ENTERPRISE", _("State-owned enterprise")

    PARENT_KIND = {
        Kind.CITY: None,
        Kind.STREET: Kind.CITY,
        Kind.COMMUNITY: Kind.STREET,
        Kind.SUBCOMMUNITY: Kind.COMMUNITY,
        Kind.WORK_UNIT: Kind.CITY,
    }

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    category = models.CharField(_("category"), max_length=20, choices=Category, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=120, db_index=True, editable=False)
    name = models.CharField(_("name"), max_length=60)
    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        help_text=_("A community's code is the six digits on its poster: public and permanent."),
    )
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=120, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["path"]
        constraints = [
            # With a condition, though it always holds: PostgreSQL takes a column of a plain unique index for a key, and
            # moving a subtree would then wait for whoever writes a row that names one of its organizations, and they
            # for the move.
            models.UniqueConstraint(fields=["path"], condition=~Q(path=""), name="organization_path_once"),
            models.CheckConstraint(condition=Q(path__endswith="/"), name="organization_path_ends_with_slash"),
            models.CheckConstraint(
                condition=Q(kind="CITY", parent=None) | ~Q(kind="CITY") & Q(parent__isnull=False),
                name="organization_only_a_city_is_a_root",
                violation_error_message=_("Only a city stands without a parent."),
            ),
            models.CheckConstraint(
                condition=~Q(category="") & Q(kind="WORK_UNIT") | Q(category="") & ~Q(kind="WORK_UNIT"),
                name="organization_units_have_a_category",
                violation_error_message=_("A work unit needs a category; no other organization has one."),
            ),
            models.CheckConstraint(
                condition=~Q(kind="COMMUNITY") | Q(code__regex=r"^[0-9]{6}$"),
                name="organization_community_code_six_digits",
                violation_error_message=_("A community's code is six digits."),
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(closed_on__isnull=False), name="organization_merged_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def city_path(self) -> str:
        """The path of the city at the root of this tree."""
        return self.path.split("/", 1)[0] + "/"

    @property
    def community(self) -> "Organization":
        """The community that looks after this place: a compound's, a community itself, or the one it was merged into."""
        if self.kind == Organization.Kind.SUBCOMMUNITY and self.parent is not None:
            return self.parent
        return self.merged_into or self

    def lies_within(self, *paths: str) -> bool:
        return any(self.path.startswith(path) for path in paths)
