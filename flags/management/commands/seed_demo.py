from typing import Any

from django.core.management.base import BaseCommand

from flags.seeding.demo import seed_demo


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration city; does nothing where there is a city already."

    def handle(self, **options: Any) -> None:
        filled = seed_demo()
        self.stdout.write("The demonstration city is ready." if filled else "There is a city already: nothing to do.")
