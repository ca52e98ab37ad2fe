#!/usr/bin/env python3
"""Django's command line. Alone, it is development mode: debug on, SQLite under var/."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanguard.settings")
    if os.environ.get("DEMO", "") in ("", "0"):
        os.environ.setdefault("DEBUG", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
