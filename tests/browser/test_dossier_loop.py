"""From a confirmed service to a certificate that a stranger finds genuine: city, member, whoever holds the paper."""

import re
from datetime import UTC, datetime

import psycopg
import pytest
from django.utils import timezone
from environ import Env
from playwright.sync_api import Page, expect

from tests.browser.steps import link, main_button, tab
from tests.paper import pages_of

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.paper]

LAST_YEAR = timezone.localdate().year - 1
SERIAL = re.compile(rf"{LAST_YEAR}(?:-[2-9A-Z]{{4}}){{3}}")


def leave_one_of_last_year(database: str) -> tuple[int, str]:
    """A shift of the demo member's that waits is one of last year.

    No page can turn a year back, and the servers have the machine's clock. At five in the morning nobody has another
    place, for which the database would refuse it.
    """
    at = Env.db_url_config(database)
    begins, ends = (datetime(LAST_YEAR, 12, 29, hour, tzinfo=UTC) for hour in (20, 22))
    with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]) as connection:
        shift, title = connection.execute(
            "SELECT shift.id, task.title FROM tasks_claim claim JOIN tasks_shift shift ON shift.id = claim.shift_id "
            "JOIN tasks_task task ON task.id = shift.task_id JOIN accounts_member member ON member.id = claim.member_id "
            "JOIN accounts_user person ON person.id = member.user_id WHERE person.username = 'member' "
            "AND claim.status = 'HELD' AND shift.ends_at < now() AND NOT shift.by_agreement ORDER BY shift.ends_at LIMIT 1"
        ).fetchone()
        for table, column in (("tasks_claim", "shift_id"), ("tasks_shift", "id")):
            connection.execute(
                f"UPDATE {table} SET starts_at = %s, ends_at = %s WHERE {column} = %s", [begins, ends, shift]
            )
    return shift, title


def sealed_on(page: Page) -> tuple[str, str]:
    """The number on the paper that the page gives out, and all that the paper says."""
    with page.expect_download() as download:
        page.locator("main a[href$='dossier.pdf']").click()
    text = "".join(pages_of(download.value.path().read_bytes()))
    return SERIAL.search(text)[0], text


def test_a_service_is_confirmed_lit_sealed_printed_and_found_genuine_by_a_stranger(running, visit):
    shift, title = leave_one_of_last_year(running.database)
    member = visit("member")
    member.goto("/me/")
    link(member, "/dossier/").click()
    member.locator(f"main a[href*='year={LAST_YEAR}']").first.click()
    former, _text = sealed_on(member)

    # Until the end of January last year is the community's to confirm; then it is the city's, which says why.
    who = visit("secretary" if timezone.localdate().month == 1 else "city")
    who.goto(f"/confirm/{shift}/")
    for why in who.locator("main [name=why]").all():
        why.fill("社区漏报，核实后补确认。")
    main_button(who).click()
    expect(who.locator(".say.success:visible")).to_be_visible()

    tab(member, "/flags/").click()
    member.locator(f"main a[href*='year={LAST_YEAR}']").first.click()
    expect(member.locator("main")).to_contain_text(title)
    member.goto("/me/")
    link(member, "/dossier/").click()
    member.locator(f"main a[href*='year={LAST_YEAR}']").first.click()
    member.locator("form[action$='/seal/'] button").click()
    expect(member.locator(".say.success:visible")).to_be_visible()
    serial, text = sealed_on(member)
    assert serial != former
    assert title in text

    stranger = visit("stranger")
    stranger.goto(f"/verify/{serial}/")
    expect(stranger.locator(".say.success")).to_be_visible()
    expect(stranger.locator("main")).to_contain_text("张*明")
    expect(stranger.locator("main")).not_to_contain_text("张晓明")
    stranger.locator("[name=serial]").fill(former.lower())
    main_button(stranger).click()
    expect(stranger.locator(".say.warning")).to_be_visible()
