from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.queries.ability import abilities_table

PAGE = Path(settings.BASE_DIR, "docs", "abilities.md")


class Command(BaseCommand):
    help = "Write who may do what into docs/abilities.md, from the table in accounts/access.py."

    def handle(self, **options: Any) -> None:
        PAGE.write_text(abilities_table(), encoding="utf-8")
        self.stdout.write(str(PAGE))
