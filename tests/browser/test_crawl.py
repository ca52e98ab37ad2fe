"""Every page that a role can reach by links, each kind of page a few times, held to what tests/browser/inspection.py asks."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page

from flags.seeding.together import REPAIRS
from flags.seeding.wish_queue import LAMP_TOLD_AGAIN
from tests.browser.chromium import PHONE
from tests.browser.inspection import faults
from tests.browser.sites import demo_city, enter
from tests.browser.steps import turn_to

pytestmark = pytest.mark.browser

STAGE = "荷风社区"  # where most of the demonstration is to be seen
AT_MOST = 120  # kinds of page a role
WHERE = (0, 1)  # of a kind the first and the last: they are seldom in the same state
SEE_WHAT_OTHERS_SEE = {"branch", "street", "inspector", "city", "officer"}  # and so look at one of a kind
FILES = {
    "report_csv",
    "report_xlsx",
    "report_pdf",
    "report_year_csv",
    "report_year_xlsx",
    "dossier_pdf",
    "dossier_services_csv",
    "dossier_services_xlsx",
    "service_records_csv",
    "service_records_xlsx",
    "unit_annual_report_pdf",
    "community_annual_report_pdf",
    "community_qr",
    "community_poster_pdf",
    "members_csv",
    "members_xlsx",
    "unit_roster_csv",
    "unit_roster_xlsx",
    "roster_template_xlsx",
    "roster_template_csv",
    "roster_import_wrong",
    "wish_photo",
    "suggestion_photo",
    "activity_photo",
    "shift_calendar",
    "day_photo",
}
ADMIN_PAGES = {"index", "accounts_organization_changelist"}  # Django's own pages; ours are held to the rest
SAME_KIND = {"year", "next", "day"}  # what a query may say without its page looking different

# Pages that must be among those found, so that a crawl that finds nothing does not pass for one without faults.
LANDMARKS = {
    "nobody": {"home", "communities", "community", "wish_new", "wish_track", "account_login", "check_in_at",
               "community_poster", "suggestion_send", "community_groups", "group_wish"},
    "member": {"home", "task_list", "task", "flag_wall", "claims", "claim", "claim_agree", "claim_report", "claim_withdraw", "my_wishes", "notices", "me", "check_in",
               "check_in_receipt", "check_in_at", "groups", "group", "group_invite", "group_claim", "group_claim_withdraw",
               "my_suggestions", "suggestion_new", "suggestion", "posts", "post", "post_log", "claim_calendar", "calendar_address", "activity_reports", "activity_report",
               "group_change", "group_dissolve", "group_project_new", "group_project_change", "group_requests", "group_request", "group_request_accept", "group_request_decline", "my_help", "my_appeals", "appeal", "appeal_new"},
    "secretary": {"home", "wish_queue", "wish", "wish_enter", "wish_templates", "wish_publish_hours", "wishes_board", "task_new", "task_draft", "task_draft_change", "task_repeat", "task_cancel", "task_change", "shift_change", "shift_cancel", "check_in_queue",
                  "check_in_return", "check_ins_approve", "check_ins_reviewed", "confirm_list", "confirm_shift", "members",
                  "groups", "group", "group_new", "group_invite", "group_claim", "suggestion_queue", "suggestion",
                  "posts", "post", "post_new", "post_applications", "application_decline", "steward_logs", "steward_log",
                  "activity_reports", "activity_report", "activity_report_write", "activity_reports_due", "activity_services",
                  "service_figures", "service_lines", "day", "day_join", "day_note", "day_code",
                  "group_change", "group_dissolve", "group_project_ask", "group_requests", "group_request", "group_request_publish", "group_request_off", "wish_group", "appeal_queue", "appeal"},
    "branch": {"home", "task_list", "task_new", "confirm_list"},
    "officer": {"unit_dashboard", "roster", "roster_remind", "roster_import_new", "roster_entry_new", "roster_entry",
                "roster_duplicates", "unit_member", "unit_news", "standing",
                "report_list", "report", "report_year", "appeal_queue", "appeal"},
    "city": {"city_figures", "wish_figures", "wishes_late", "coverage", "roster_duplicates", "members", "unit_roster", "unit_of", "unit_member", "report_list", "report", "report_year", "year_rule", "year_rule_of", "task_list", "task_new",
             "member_duplicates", "appointments", "appointment_new", "appointment_end", "appointment_hand_over", "organizations",
             "organization", "organization_new", "organization_close", "abilities",
             "service_figures", "service_lines", "activity_reports", "activity_reports_due", "appeal_queue", "appeal"},
    "street": {"city_figures", "wish_figures", "coverage", "community", "notices"},
    "inspector": {"city_figures", "coverage", "unit_of", "notices"},
    "admin": {"admin:index", "admin:accounts_organization_changelist"},
}  # fmt: skip

Kind = tuple[str, tuple[tuple[str, str], ...]]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demo_city(tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="module")
def readable() -> set[str]:
    """The looks of text found fit to be read so far: the pages share them, and so do the roles."""
    return set()


@pytest.fixture
def page(browser: Browser, city: str) -> Iterator[Page]:
    # Without motion a colour is at once what it will be, which is what axe has to judge.
    with browser.new_context(base_url=city, viewport=PHONE, locale="zh-CN", reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.mark.parametrize("role", LANDMARKS)
def test_every_page_is_fit_for_its_people(page: Page, city: str, readable: set[str], role: str):
    enter(page, role)
    where = WHERE[:1] if role in SEE_WHAT_OTHERS_SEE else WHERE
    visited, found = crawl(page, city, starts_of(page, role), where, readable)
    assert LANDMARKS[role] <= visited, f"not found: {LANDMARKS[role] - visited}"
    assert not found, f"{len(found)} faults as {role}:\n" + "\n".join(found)


def test_what_no_link_leads_to_is_fit_for_its_people_too(page: Page, city: str, readable: set[str]):
    """Refused forms, and the pages that say that something is not there or not one's own."""
    found: list[str] = []

    def look(what: str) -> None:
        found.extend(f"{what}: {fault}" for fault in faults(page, readable))

    def refuse(path: str) -> None:
        page.goto(path)
        with page.expect_navigation():
            page.locator("main form").last.evaluate("form => form.submit()")  # past the browser's own checks
        assert page.locator(".errorlist").count(), f"{path} took an empty form"
        look(f"{path} refused")

    page.goto("/c/?code=000000")
    look("a code that does not exist")
    code = page.locator("main ul.rows a").first.get_attribute("href")
    for path in (
        f"{code}wish/",
        f"{code}suggestion/",
        f"{code}check-in/",
        "/track/",
        "/accounts/login/",
        "/accounts/signup/",
    ):
        refuse(path)
    page.goto("/no-such-page/")
    look("not found")
    enter(page, "secretary")
    refuse("/tasks/new/")
    refuse("/wishes/new/")
    page.goto("/wishes/?status=NEW")
    page.locator("main .rows a", has_text=LAMP_TOLD_AGAIN[:8]).click()
    page.locator("main a[href*='/merge/']").first.click()
    look("two wishes side by side")
    page.goto("/flags/")
    look("somebody else's page")
    assert not found, "\n".join(found)


def starts_of(page: Page, role: str) -> list[str]:
    """Where to begin: of many places, tasks, requests and communities one has a shape of its own, and is not first or last."""
    if role == "nobody":
        page.goto("/c/")
        return ["/", address_of(page.locator("main a", has_text=STAGE))]
    if role == "member":
        page.goto("/claims/")
        return ["/", address_of(page.locator("main a.button[href^='/claims/']:not([href$='/withdraw/'])"))]
    if role == "secretary":
        page.goto("/tasks/")
        repairs = address_of(turn_to(page, page.locator("main .rows a", has_text=REPAIRS.title)))
        page.goto("/groups/requests/?status=ACCEPTED")
        return ["/", repairs, address_of(page.locator("main .rows a"))]
    if role == "city":
        page.goto("/organizations/")
        locked = f"/reports/years/{timezone.localdate().year - 1}/"  # but for January
        return ["/", address_of(page.locator("main .rows a[href^='/organizations/']").last), locked]
    return ["/admin/" if role == "admin" else "/"]


def address_of(links: Locator) -> str:
    return links.first.get_attribute("href") or ""


def crawl(
    page: Page, city: str, starts: list[str], where: Sequence[int], readable: set[str]
) -> tuple[set[str], list[str]]:
    """Breadth first from `starts`, of a kind those `where`: the routes that were seen, and a line for each fault."""
    waiting: dict[Kind, list[str]] = {kind_of(start): [start] for start in starts}
    done: dict[Kind, list[str]] = {}
    said: list[str] = []
    found: list[str] = []
    page.on("console", lambda message: said.append(message.text[:300]) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    while kind := next_kind(waiting, done, len(where)):
        links, visits = waiting[kind], done.setdefault(kind, [])
        path = links.pop(round(where[len(visits)] * (len(links) - 1)))
        visits.append(path)
        found += [f"{path}: {fault}" for fault in visit(page, path, readable)]
        found += [f"{path}: console: {line}" for line in said]
        said.clear()
        for link in links_of(page, city):
            known = waiting.setdefault(kind_of(link), [])
            if kind_of(link)[0] and link not in [*known, *done.get(kind_of(link), [])]:
                known.append(link)
    return {name for name, _query in done}, found


def next_kind(waiting: dict[Kind, list[str]], done: dict[Kind, list[str]], most: int) -> Kind | None:
    """What has not been seen at all comes before what has; a filter of a page is seen last, and once."""
    visits = {kind: len(done.get(kind, [])) for kind in waiting}
    left = [kind for kind, links in waiting.items() if links and visits[kind] < (1 if kind[1] else most)]
    if len(done) >= AT_MOST:
        left = [kind for kind in left if visits[kind]]
    return min(left, key=lambda kind: (len(kind[1]), visits[kind]), default=None)


def visit(page: Page, path: str, readable: set[str]) -> Iterator[str]:
    response = page.goto(path)
    if response is None or response.status >= 400:
        yield f"answers {response and response.status}"
    elif not path.startswith("/admin/"):
        yield from faults(page, readable)


def links_of(page: Page, city: str) -> list[str]:
    """The links of the page that stay on the site, with their queries."""
    targets = [urljoin(page.url, href) for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")]
    return [target.removeprefix(city).partition("#")[0] for target in targets if target.startswith(f"{city}/")]


def kind_of(link: str) -> Kind:
    """Two links to one kind of page lead to the same template in the same shape; no name for what is not crawled."""
    parts = urlsplit(link)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return f"no route: {parts.path}", ()  # crawled, so that its 404 is found
    if match.url_name in FILES or match.namespace == "admin" and (match.url_name not in ADMIN_PAGES or parts.query):
        return "", ()
    query = sorted(pair for pair in parse_qsl(parts.query) if pair[0] not in SAME_KIND)
    if len(query) > 1 or "page" in dict(query):
        return "", ()  # two filters at once, and a second page, show no more than one filter and the first page
    return match.view_name, tuple(query)
