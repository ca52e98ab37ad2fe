from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import ngettext

from flags.queries.verify import verify_ledger

SHOWN = 100


class Command(BaseCommand):
    help = "Prove the flag ledger: every line against what it is for, every total against the lines. Says what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="one year; without it, every year")
        parser.add_argument("--all", action="store_true", help=f"say every difference, not only the first {SHOWN}")

    def handle(self, *, year: int | None, all: bool, **options: Any) -> None:
        found = verify_ledger(year)
        shown = found.differences if all else found.differences[:SHOWN]
        for sentence in (*found.notes[:SHOWN], *shown):
            self.stdout.write(sentence)
        n = len(found.differences)
        if n:
            said = ngettext("%(n)s difference in %(lines)s lines.", "%(n)s differences in %(lines)s lines.", n)
            raise CommandError(said % {"n": n, "lines": found.lines})
        said = ngettext("%(n)s line, and nothing differs.", "%(n)s lines, and nothing differs.", found.lines)
        self.stdout.write(said % {"n": found.lines})
