from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from vanguard.lib import guards


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("Wishes and tasks")

    def ready(self) -> None:
        guards.never_overlapping(
            "tasks_claim",
            name="claim_member_in_one_place",
            owner="member_id",
            starts="starts_at",
            ends="ends_at",
            where="status IN ('OFFERED', 'HELD')",
        )
