"""Celery. Jobs live in each app's jobs.py, because a task is a word of the domain here."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanguard.settings")

app = Celery("vanguard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
