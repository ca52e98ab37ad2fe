"""The product's settings and one address more: the yardstick by which its speed is measured."""

from vanguard.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
