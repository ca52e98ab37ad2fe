from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from vanguard.lib import guards


class FlagsConfig(AppConfig):
    name = "flags"
    verbose_name = _("Flags and reports")

    def ready(self) -> None:
        from flags.actions.earning import award_for_log, award_for_suggestion
        from flags.models import limits
        from flags.queries.service import flags_by_claim
        from flags.queries.wall import lacks_flags
        from tasks.actions import earning
        from tasks.queries import fair_share, flags_lit

        fair_share.decided_by(lacks_flags)
        flags_lit.counted_by(flags_by_claim)
        earning.when_log_confirmed(award_for_log)
        earning.when_suggestion_adopted(award_for_suggestion)
        self._join_in_closing_and_merging()
        guards.append_only("flags_flagaward")
        guards.function("vanguard_award_limit", table="flags_flagaward", create=limits.FUNCTION)
        guards.trigger("flags_flagaward_limit", table="flags_flagaward", create=limits.TRIGGER)
        guards.append_only("flags_dossier")
        self._keep_locked_years()
        # The last app of the house: when its turn comes after a migrate, every table is there.
        post_migrate.connect(guards.install_after_migrate, sender=self)

    def _join_in_closing_and_merging(self) -> None:
        from accounts.actions.community import on_merger
        from accounts.actions.organization import before_closing
        from accounts.queries.community import foresee_merger
        from flags.actions import appeal_organization
        from flags.actions.organization import refuse_waiting_entries
        from flags.queries.appeal import appeals_of_merger
        from flags.queries.organization import ledger_work_of

        before_closing(refuse_waiting_entries)
        before_closing(appeal_organization.refuse_unanswered_appeals)
        foresee_merger(ledger_work_of)
        foresee_merger(appeals_of_merger)
        on_merger(appeal_organization.carry_over_appeals)

    def _keep_locked_years(self) -> None:
        """A locked report and its lines stay as they are; so does the rule by which its year was counted."""
        report: Any = self.get_model("ComplianceReport")
        guards.kept_as_it_is(
            "flags_compliancereport",
            [field.column for field in report._meta.concrete_fields if field.name != "status"],
            status="status",
            free=report.Status.DRAFT,
            last=report.Status.SUPERSEDED,
            name="report_kept",
            because="a locked report is kept as it is",
        )
        guards.refused_where(
            "flags_compliancerow",
            "EXISTS (SELECT 1 FROM flags_compliancereport report"
            " WHERE report.id = line.report_id AND report.status <> 'DRAFT')",
            name="report_line_kept",
            because="a locked report is kept as it is",
        )
        guards.refused_where(
            "tasks_yearrule",
            "EXISTS (SELECT 1 FROM flags_compliancereport report"
            " JOIN accounts_organization unit ON unit.id = report.unit_id"
            " WHERE report.year = line.year AND report.status = 'LOCKED' AND unit.parent_id = line.city_id)",
            name="year_rule_kept",
            because="the rule of a locked year is kept as it is",
        )
