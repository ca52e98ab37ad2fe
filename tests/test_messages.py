"""bin/messages: what is gathered, what is kept, and what its check finds."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext_lazy, pgettext
A = _("Take this place")
B = ngettext_lazy("%(n)s place", "%(n)s places", "n")
C = pgettext("month name", "May")
D = "Not for translation"
"""
TEMPLATE = """
{% load i18n %}
  {% translate "Log out" %}
    {% blocktranslate trimmed with name=user.name %}
      Hello {{ name }},
      welcome
    {% endblocktranslate %}
{% include "x.html" with title=_("My wish") only %}
{{ value|default:_("Nothing yet") }}
"""


@pytest.fixture
def messages(tmp_path: Path, monkeypatch) -> ModuleType:
    """The program, in front of a small project with one module and one template."""
    loader = SourceFileLoader("messages", str(settings.BASE_DIR / "bin" / "messages"))
    module = module_from_spec(spec_from_loader("messages", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    write(tmp_path / "tasks" / "code.py", CODE)
    write(tmp_path / "templates" / "page.html", TEMPLATE)
    return module


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def translate_all(messages: ModuleType) -> None:
    """Give every text a translation, with its placeholders."""
    catalog = messages.renewed("zh_Hans")
    for message in catalog:
        if message.id:
            message.string = ("%(n)s 个名额",) if message.pluralizable else f"译{message.id}"
    messages.po_file("zh_Hans").write_bytes(messages.as_po("zh_Hans", catalog))
    messages.update()


def replace(messages: ModuleType, old: str, new: str) -> None:
    file = messages.po_file("zh_Hans")
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_it_gathers_code_and_templates(messages):
    ids = {message.id for message in messages.used() if message.id}
    assert ids == {
        "Take this place",
        ("%(n)s place", "%(n)s places"),
        "May",
        "Log out",
        "Hello %(name)s, welcome",
        "My wish",
        "Nothing yet",
    }


def test_a_complete_catalogue_passes_and_a_second_update_changes_nothing(messages, capsys):
    messages.update()
    translate_all(messages)
    files = [messages.po_file("zh_Hans"), messages.po_file("zh_Hans").with_suffix(".mo")]
    before = [file.read_bytes() for file in files]
    messages.update()
    assert [file.read_bytes() for file in files] == before
    assert messages.check() == 0


def test_a_translation_is_kept_and_a_text_that_is_gone_is_dropped(messages, tmp_path):
    messages.update()
    translate_all(messages)
    write(tmp_path / "tasks" / "code.py", CODE.replace("Take this place", "Take a place"))
    messages.update()
    kept = messages.kept("zh_Hans")
    assert kept.get("Log out").string == "译Log out"
    assert kept.get("Take this place") is None
    assert kept.get("Take a place").string == ""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgstr "译Log out"', 'msgstr ""', "not translated: 'Log out'"),
        ('msgid "Log out"', '#, fuzzy\nmsgid "Log out"', "fuzzy: 'Log out'"),
        ("译Hello %(name)s", "译Hello %(nane)s", "other placeholders than the English"),
        ("译Log out", "退出登录", "is not compiled from its .po"),
        ('msgid "Log out"\n', 'msgid "Log off"\n', "is stale"),
    ],
)
def test_check_finds(messages, capsys, old, new, fault):
    messages.update()
    translate_all(messages)
    replace(messages, old, new)
    capsys.readouterr()
    assert messages.check() == 1
    assert fault in capsys.readouterr().out


def test_check_changes_nothing(messages):
    assert messages.check() == 1
    assert not messages.po_file("zh_Hans").exists()
