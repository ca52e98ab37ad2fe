"""The bar of tabs: what each hat needs most, on every page. It names pages of all apps, so it lives on top."""

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Role

register = template.Library()


class Tab(NamedTuple):
    page: str
    icon: str
    name: Any


HOME = Tab("home", "home", _("Home"))
NOTICES = Tab("notices", "bell", _("Notices"))
ME = Tab("me", "me", _("Me"))
TASKS = Tab("task_list", "task", _("Tasks"))
CONFIRM = Tab("confirm_list", "confirm", _("Confirm"))
FIGURES = Tab("city_figures", "place", _("Communities"))
ROSTER = Tab("roster", "task", _("Roster"))
REPORTS = Tab("report_list", "report", _("Reports"))

TABS: dict[str, list[Tab]] = {
    "MEMBER": [HOME, Tab("task_list", "task", _("Take part")), Tab("flag_wall", "flag", _("Flags")), NOTICES, ME],
    Role.SECRETARY: [HOME, Tab("wish_queue", "wish", _("Wishes")), TASKS, CONFIRM, ME],
    Role.BRANCH_SECRETARY: [HOME, TASKS, CONFIRM, NOTICES, ME],
    Role.UNIT_OFFICER: [Tab("unit_dashboard", "people", _("Members")), ROSTER, REPORTS, NOTICES, ME],
    Role.CITY_OFFICER: [FIGURES, TASKS, CONFIRM, REPORTS, ME],
    Role.STREET_OFFICER: [FIGURES, NOTICES, ME],
    Role.INSPECTOR: [FIGURES, REPORTS, NOTICES, ME],
}
WITHOUT_A_HAT = [
    HOME,
    Tab("communities", "place", _("Communities")),
    Tab("wish_track", "wish", _("My wish")),
    NOTICES,
    ME,
]


@register.inclusion_tag("components/tabs.html", takes_context=True)
def tab_bar(context: template.Context) -> dict[str, Any]:
    """The tabs of the hat that is worn; the one whose page this is comes marked."""
    request = context["request"]
    actor: Actor = request.actor
    tabs = [(tab, reverse(tab.page)) for tab in TABS.get(actor.role, WITHOUT_A_HAT)]
    here = [url for _tab, url in tabs if request.path == url or url != reverse("home") and request.path.startswith(url)]
    return {"tabs": tabs, "here": max(here, key=len, default="")}
