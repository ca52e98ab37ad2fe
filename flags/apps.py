from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from vanguard.lib import guards


class FlagsConfig(AppConfig):
    name = "flags"
    verbose_name = _("Flags and reports")

    def ready(self) -> None:
        from accounts.actions.organization import before_closing
        from accounts.queries.community import foresee_merger
        from flags.actions.earning import award_for_log, award_for_suggestion
        from flags.actions.organization import refuse_waiting_entries
        from flags.models import limits
        from flags.queries.organization import ledger_work_of
        from flags.queries.service import flags_by_claim
        from flags.queries.wall import lacks_flags
        from tasks.actions import earning
        from tasks.queries import fair_share, flags_lit

        fair_share.decided_by(lacks_flags)
        flags_lit.counted_by(flags_by_claim)
        before_closing(refuse_waiting_entries)
        foresee_merger(ledger_work_of)
        earning.when_log_confirmed(award_for_log)
        earning.when_suggestion_adopted(award_for_suggestion)
        guards.append_only("flags_flagaward")
        guards.function("vanguard_award_limit", table="flags_flagaward", create=limits.FUNCTION)
        guards.trigger("flags_flagaward_limit", table="flags_flagaward", create=limits.TRIGGER)
        guards.append_only("flags_dossier")
        # The last app of the house: when its turn comes after a migrate, every table is there.
        post_migrate.connect(guards.install_after_migrate, sender=self)
