from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from vanguard.lib import guards


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("Wishes and tasks")

    def ready(self) -> None:
        import tasks.actions.claim_statement  # noqa: F401  # names its guard

        self._join_in_closing_and_merging()
        guards.never_overlapping(
            "tasks_claim",
            name="claim_member_in_one_place",
            owner="member_id",
            starts="starts_at",
            ends="ends_at",
            where="status IN ('OFFERED', 'HELD') AND starts_at IS NOT NULL",  # by agreement, none is agreed yet
        )

    def _join_in_closing_and_merging(self) -> None:
        from accounts.actions.community import on_merger
        from accounts.actions.organization import before_closing
        from accounts.queries.community import foresee_merger
        from tasks.actions import organization
        from tasks.queries.organization import work_of

        before_closing(organization.refuse_open_tasks)
        before_closing(organization.refuse_unfinished_wishes)
        before_closing(organization.refuse_unconfirmed_shifts)
        before_closing(organization.refuse_unanswered_suggestions)
        before_closing(organization.refuse_living_posts)
        before_closing(organization.refuse_unconfirmed_logs)
        before_closing(organization.refuse_open_group_requests)
        foresee_merger(work_of)
        on_merger(organization.carry_over)
