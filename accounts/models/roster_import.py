from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.appointment import Appointment
from accounts.models.organization import Organization, at_or_below
from accounts.models.roster import RosterEntry
from accounts.roster_columns import Column
from accounts.roster_faults import sentence_of

if TYPE_CHECKING:
    from accounts.access import Actor

HOME = (Column.COMMUNITY, Column.COMPOUND, Column.ADDRESS)


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, actor: "Actor") -> Self:
        return self.filter(at_or_below("unit__path", actor.roster_paths))


class RosterImport(models.Model):
    """A list that a unit's officer has uploaded: checked first, written only when the officer says so, then undoable."""

    class Status(models.TextChoices):
        WAITING = "WAITING", _("Waiting to be checked")
        RUNNING = "RUNNING", _("Being checked")
        READY = "READY", _("Checked")
        UNREADABLE = "UNREADABLE", _("Cannot be read")
        APPLYING = "APPLYING", _("Being imported")
        APPLIED = "APPLIED", _("Imported")
        UNDONE = "UNDONE", _("Undone")
        DISCARDED = "DISCARDED", _("Discarded")

    S = Status
    NEXT = {
        S.WAITING: {S.RUNNING, S.DISCARDED},
        S.RUNNING: {S.READY, S.UNREADABLE},
        S.READY: {S.APPLYING, S.WAITING, S.DISCARDED},  # WAITING: to be checked anew, the roster has changed since
        S.APPLYING: {S.APPLIED, S.READY},
        S.APPLIED: {S.UNDONE},
    }
    ALIVE = (S.WAITING, S.RUNNING, S.READY, S.APPLYING, S.APPLIED)  # may still change the roster, or change it back

    unit = models.ForeignKey(Organization, models.PROTECT, related_name="roster_imports", verbose_name=_("work unit"))
    file_name = models.CharField(_("file"), max_length=120)
    content = models.BinaryField(null=True, editable=False, help_text="The file until it has been read; never longer.")
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    faults = models.JSONField(
        default=list, editable=False, help_text="What makes the whole file unreadable: row, column, code, details."
    )
    headings = models.JSONField(default=dict, editable=False, help_text="How the file heads each column that is kept.")
    ignored_columns = models.JSONField(_("columns not read"), default=list, editable=False)
    lines_total = models.PositiveIntegerField(_("lines"), default=0)
    lines_done = models.PositiveIntegerField(_("lines done"), default=0)
    remove_missing = models.BooleanField(_("take those missing off the roster"), default=False)
    checked_version = models.PositiveIntegerField(null=True, editable=False, help_text="The roster it was checked on.")
    applied_version = models.PositiveIntegerField(null=True, editable=False, help_text="The roster that it has made.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="+", verbose_name=_("acting as")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    applied_at = models.DateTimeField(_("imported"), null=True, blank=True)
    leased_until = models.DateTimeField(null=True, editable=False)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(status__in=["WAITING", "RUNNING", "APPLYING"]),
                name="roster_import_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.file_name}"

    @property
    def problems(self) -> list[str]:
        """What is wrong with the whole file, in the reader's language."""
        return [sentence_of(fault) for fault in self.faults]


class RosterImportLine(models.Model):
    """One line of an uploaded list and what it would do to the roster; or a line of the roster that the list lacks."""

    class Kind(models.TextChoices):
        NEW = "NEW", pgettext_lazy("line of a list", "New")
        CHANGED = "CHANGED", _("Changed")
        SAME = "SAME", _("Same")
        MISSING = "MISSING", _("Missing from the new list")
        WRONG = "WRONG", _("Wrong")

    roster_import = models.ForeignKey(
        RosterImport, models.CASCADE, related_name="lines", verbose_name=_("roster import")
    )
    row = models.PositiveIntegerField(_("row"), null=True, help_text=_("As the spreadsheet numbers it."))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    values = models.JSONField(_("values"), default=dict)
    before = models.JSONField(_("before"), default=dict)
    faults = models.JSONField(_("what is wrong"), default=list)
    entry = models.ForeignKey(
        RosterEntry, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("roster entry")
    )

    class Meta:
        verbose_name = _("line of a roster import")
        verbose_name_plural = _("lines of roster imports")
        ordering = ["row", "pk"]
        indexes = [models.Index(fields=["roster_import", "kind", "row"], name="roster_import_line_kind")]

    def __str__(self) -> str:
        return f"{self.row} {self.kind}"

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong: the column, as the file heads it, and what to do."""
        return [(fault["column"], sentence_of(fault)) for fault in self.faults]

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What would change on the roster: which column, from what, to what."""
        shown = [(column, self._shown(self.before, column), self._shown(self.values, column)) for column in Column]
        return [(str(column.label), old, new) for column, old, new in shown if column in self.values and old != new]

    @property
    def home(self) -> str:
        """Community, compound and room in one, as far as the list says them."""
        kept = self.values or self.before
        return " ".join(filter(None, (self._shown(kept, column) for column in HOME)))

    @staticmethod
    def _shown(values: dict[str, str], column: Column) -> str:
        return values.get(f"{column}_name") or values.get(column) or ""
