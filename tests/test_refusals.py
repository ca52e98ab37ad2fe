"""The closed lists of refusals: nothing in them is dead, and every sentence can be said."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from accounts.refusals import Reason as AccountsReason
from flags.refusals import Reason as FlagsReason
from tasks.refusals import Reason as TasksReason

APPS = {"accounts": AccountsReason, "tasks": TasksReason, "flags": FlagsReason}
REASONS = [pytest.param(app, reason, id=f"{app}-{reason.value}") for app, reasons in APPS.items() for reason in reasons]


def code_of(app: str) -> str:
    files = sorted(Path(settings.BASE_DIR, app).rglob("*.py"))
    return "".join(file.read_text() for file in files if file.name != "refusals.py")


@pytest.mark.parametrize(("app", "reason"), REASONS)
def test_every_reason_is_given_by_its_app(app, reason):
    assert re.search(rf"Refused\(\s*Reason\.{reason.name}\b", code_of(app))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("app", "reason"), REASONS)
def test_every_sentence_keeps_its_placeholders_in_every_language(app, reason, language):
    with translation.override("en"):
        asked = set(re.findall(r"%\((\w+)\)s", str(reason.label)))
    with translation.override(language):
        said = str(reason.label)
    assert set(re.findall(r"%\((\w+)\)s", said)) == asked
    assert said % dict.fromkeys(asked, "甲")
