from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from flags.seeding.sized_city import seed_city
from vanguard.lib.refused import Refused


class Command(BaseCommand):
    help = "Fill an empty database with a fictional city of exactly this size; the same seed makes the same city."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, required=True, help="how many members")
        parser.add_argument("--flags", type=int, required=True, help="how many flags they have earned together")
        parser.add_argument("--year", type=int, required=True, help="the year in which they were earned")
        parser.add_argument("--seed", type=int, default=1, help="another number draws another city (default 1)")

    def handle(self, *, members: int, flags: int, year: int, seed: int, **options: Any) -> None:
        started = monotonic()
        try:
            seed_city(members=members, flags=flags, year=year, seed=seed)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{members} members, {flags} flags in {year}: {monotonic() - started:.1f} s")
