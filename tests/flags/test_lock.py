"""Locking a city's year, correcting it, and what the database keeps of both."""

import threading
from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.models import Exemption, Notice, Record
from flags.actions import lock as lock_actions
from flags.actions import report as report_actions
from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceReport, ComplianceRow, ReportRun, RowName
from flags.queries.correction import changes_of, pending_changes
from flags.queries.digest import agrees, digests, disagreeing
from flags.refusals import Reason
from tasks.models import YearRule
from tests.factories import MemberFactory, OrganizationFactory, UnitFactory
from tests.flags.ledger import award
from vanguard.lib import guards
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
only_postgresql = pytest.mark.skipif("postgresql" not in connection.vendor, reason="SQLite has one writer at a time")


@pytest.fixture(autouse=True)
def february() -> Iterator[time_machine.Traveller]:
    """The first day after the confirmation deadline of 2025."""
    with time_machine.travel(datetime(2026, 2, 1, 0, tzinfo=SHANGHAI), tick=False) as traveller:
        yield traveller


@pytest.fixture
def locked(cast) -> ComplianceReport:
    award(cast, cast.member.member, date(2025, 5, 1), value=4)
    lock_year(cast.city, 2025, by=cast.city_officer)
    return ComplianceReport.objects.get(unit=cast.unit)


def refused(reason: Reason, act) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.reason == reason
    return caught.value


def correct(cast, scope=None, reason="补记一次服务"):
    return correct_reports(scope or cast.city, 2025, reason=reason, by=cast.city_officer)


# --- locking --------------------------------------------------------------------------------


def test_it_builds_afresh_and_locks_every_unit_with_number_and_digest(cast, locked):
    assert (locked.status, locked.version, locked.as_of) == ("LOCKED", 1, date(2025, 12, 31))
    assert locked.number == f"QL-2025-{cast.unit.pk:04d}-1"
    assert (locked.locked_by, locked.locked_as) == (cast.city_officer.user, cast.city_officer.appointment)
    assert locked.rows.get().flags == 4
    assert ComplianceReport.objects.filter(status="LOCKED").count() == 2
    assert Record.objects.filter(verb="year locked", subject_id=cast.city.pk).count() == 1


def test_the_digest_is_made_as_it_is_described(cast, locked):
    text = f"{locked.number}\n0000000001\t4\t1\t0\t4\t0\t0\t4\t0\t0\t0\t0\t0\t5\t0\tNOT_MET\n"
    assert locked.digest == sha256(text.encode()).hexdigest()
    assert agrees(locked)


def test_an_older_draft_is_built_anew_before_it_is_locked(cast):
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    lock_year(cast.city, 2025, by=cast.city_officer)
    assert ComplianceRow.objects.get(member=cast.member.member).state == "MET"


def test_the_units_officers_are_told_with_the_number(cast, locked):
    notice = Notice.objects.get(user=cast.unit_officer.user)
    assert (notice.kind, notice.link) == (Notice.Kind.REPORT_LOCKED, f"/reports/{locked.pk}/")
    assert locked.number in notice.text
    assert Notice.objects.filter(kind=Notice.Kind.REPORT_LOCKED).count() == 2


def test_only_the_citys_officer_locks_and_only_their_own_city(cast):
    for actor in (cast.unit_officer, cast.inspector, cast.secretary, cast.member):
        with pytest.raises(PermissionDenied):
            lock_year(cast.city, 2025, by=actor)
    with pytest.raises(PermissionDenied):
        lock_year(OrganizationFactory(), 2025, by=cast.city_officer)


def test_not_before_the_deadline_has_passed(cast, february):
    february.move_to(datetime(2026, 1, 31, 23, 59, tzinfo=SHANGHAI))
    said = refused(Reason.DEADLINE_TO_COME, lambda: lock_year(cast.city, 2025, by=cast.city_officer))
    assert "2026-01-31" in said.sentence
    YearRule.objects.create(city=cast.city, year=2025, deadline=date(2026, 1, 10))
    assert lock_year(cast.city, 2025, by=cast.city_officer)


def test_it_refuses_a_running_year_one_without_members_and_one_that_is_locked(cast, locked):
    refused(Reason.YEAR_NOT_OVER, lambda: lock_year(cast.city, 2026, by=cast.city_officer))
    refused(Reason.YEAR_WITHOUT_DATA, lambda: lock_year(cast.city, 1999, by=cast.city_officer))
    refused(Reason.YEAR_LOCKED, lambda: lock_year(cast.city, 2025, by=cast.city_officer))


def test_a_locked_year_is_not_built_again(cast, locked):
    for scope, actor in ((cast.city, cast.city_officer), (cast.unit, cast.unit_officer)):
        refused(Reason.YEAR_LOCKED, lambda scope=scope, actor=actor: request_report(scope, 2025, by=actor))
    assert not ReportRun.objects.exists()


def test_a_run_that_comes_after_the_lock_leaves_nothing_behind(cast):
    run = request_report(cast.city, 2025, by=cast.city_officer)
    MemberFactory(unit=cast.unit)
    without_members = UnitFactory(parent=cast.city)
    ReportRun.objects.filter(pk=run.pk).update(units_total=3)
    lock_year(cast.city, 2025, by=cast.city_officer)
    MemberFactory(unit=without_members)
    build_reports(run.pk)
    run.refresh_from_db()
    assert run.status == "DONE"
    assert not ComplianceReport.objects.filter(status="DRAFT").exists()
    assert [report.unit for report in correct(cast)] == [without_members]


@only_postgresql
@pytest.mark.parametrize("held", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_run_that_meets_the_lock_waits_and_finds_nothing_to_build(cast, monkeypatch, held):
    """The control, in which the drafts are not held, runs into what the database keeps."""
    failures: list[str] = []
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)

    def build() -> None:
        MemberFactory(unit=cast.unit)
        try:
            with transaction.atomic():
                report_actions.build_drafts(cast.city.path, 2025, [cast.unit])
        except IntegrityError as refused:
            failures.append(str(refused))
        finally:
            connection.close()

    worker = threading.Thread(target=build)

    def digest_while_another_builds(numbers: dict[int, str]) -> dict[int, str]:
        found = digests(numbers)
        worker.start()
        worker.join(timeout=1)
        return found

    def unheld(year: int, units: list) -> list[int]:
        return list(ComplianceReport.objects.filter(unit__in=units, year=year).values_list("pk", flat=True))

    monkeypatch.setattr(lock_actions, "digests", digest_while_another_builds)
    if not held:
        monkeypatch.setattr(report_actions, "_drafts", unheld)
    lock_year(cast.city, 2025, by=cast.city_officer)
    worker.join()
    assert ["kept as it is" in failure for failure in failures] == ([] if held else [True])
    assert not disagreeing(ComplianceReport.objects.all())


def test_it_costs_as_many_queries_for_thirty_members_as_for_one(cast, django_assert_max_num_queries):
    for _ in range(30):
        MemberFactory(unit=cast.unit)
    with django_assert_max_num_queries(45):
        lock_year(cast.city, 2025, by=cast.city_officer)


# --- what the database keeps ----------------------------------------------------------------


def kept(write) -> None:
    with pytest.raises(IntegrityError, match=r"kept as it is|append-only"), transaction.atomic():
        write()


def test_the_database_keeps_a_locked_report_and_its_lines(cast, locked):
    reports, rows = ComplianceReport.objects.filter(pk=locked.pk), ComplianceRow.objects.filter(report=locked)
    other = MemberFactory()
    figures = {name: value for name, value in rows.values().get().items() if name != "id"}
    for write in (
        lambda: reports.update(number="QL-2025-1-9"),
        lambda: reports.update(digest="0" * 64),
        lambda: reports.update(status="SUPERSEDED", built_at=datetime(2020, 1, 1, tzinfo=SHANGHAI)),
        lambda: reports.update(status="DRAFT", number=None, digest="", locked_at=None),
        lambda: rows.update(flags=5, q1=1, community_activity=5),
        lambda: RowName.objects.all().delete() and rows.delete(),
        lambda: ComplianceRow.objects.create(**figures | {"member_id": other.pk}),
        lambda: raw(f"DELETE FROM flags_compliancerow WHERE report_id = {locked.pk}"),
        lambda: raw(f"UPDATE flags_compliancerow SET state = 'MET' WHERE report_id = {locked.pk}"),
        lambda: raw(f"DELETE FROM flags_compliancereport WHERE id = {locked.pk}"),
    ):
        kept(write)
    assert agrees(locked)


def raw(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_name_can_be_erased_and_the_digest_agrees_still(cast, locked):
    RowName.objects.filter(row__report=locked).delete()
    assert agrees(locked)


def test_drafts_stay_replaceable(cast, locked):
    for _ in range(2):
        build_reports(request_report(cast.city, 2026, by=cast.city_officer).pk)
    assert ComplianceReport.objects.filter(year=2026, status="DRAFT").count() == 2


def test_what_got_past_the_guards_is_found_by_the_digest(cast, locked):
    with guards.lifted():
        ComplianceRow.objects.filter(report=locked).update(state="MET")
    assert disagreeing(ComplianceReport.objects.all()) == [locked]


def test_the_rule_of_a_locked_year_is_kept_too(cast, locked):
    kept(lambda: YearRule.objects.create(city=cast.city, year=2025))
    rule = YearRule.objects.create(city=cast.city, year=2024)
    kept(lambda: YearRule.objects.filter(pk=rule.pk).update(year=2025))
    YearRule.objects.create(city=OrganizationFactory(), year=2025)


# --- correcting -----------------------------------------------------------------------------


def test_a_correction_is_the_next_version_of_those_that_differ(cast, locked):
    award(cast, cast.member.member, date(2025, 12, 31))
    [version] = correct(cast)
    locked.refresh_from_db()
    assert (locked.status, locked.rows.get().state) == ("SUPERSEDED", "NOT_MET")
    assert (version.status, version.version, version.corrects) == ("LOCKED", 2, locked)
    assert version.number == f"QL-2025-{cast.unit.pk:04d}-2"
    assert (version.reason.text, version.rows.get().state) == ("补记一次服务", "MET")
    assert not disagreeing(ComplianceReport.objects.exclude(status="DRAFT"))
    assert ComplianceReport.objects.get(unit=cast.other_unit).version == 1
    notice = Notice.objects.filter(user=cast.unit_officer.user).first()
    assert notice.kind == Notice.Kind.REPORT_CORRECTED
    assert version.number in notice.text
    assert "补记一次服务" in notice.text
    kept(lambda: ComplianceRow.objects.filter(report=locked).update(services=7))
    ComplianceReport.objects.filter(pk=version.pk).update(status="SUPERSEDED")
    kept(lambda: ComplianceReport.objects.filter(pk=locked.pk).update(status="LOCKED"))


def test_it_says_who_changed_from_what_to_what(cast, locked):
    award(cast, cast.member.member, date(2025, 12, 31))
    [pending] = pending_changes(cast.city, 2025)[cast.unit.pk]
    [version] = correct(cast)
    [change] = changes_of(version)
    assert change == pending
    assert (change.number, change.name) == ("0000000001", "张小明")
    parts = [(before, after) for _words, before, after in change.parts]
    assert parts[:-1] == [(4, 5), (1, 2), (0, 1), (4, 5)], "flags, services, quarter and category; then the state"
    assert len(parts) == 5
    assert changes_of(locked) == []


def test_who_came_and_who_went_stand_among_the_changes(cast, locked):
    member = cast.other_member.member
    member.unit_memberships.update(unit=cast.unit)
    pending = pending_changes(cast.city, 2025)
    assert [(c.number, c.before is None) for c in pending[cast.unit.pk]] == [("0000000002", True)]
    assert [(c.number, c.after is None) for c in pending[cast.other_unit.pk]] == [("0000000002", True)]
    assert len(correct(cast)) == 2
    assert ComplianceReport.objects.get(unit=cast.other_unit, status="LOCKED").rows.count() == 0


@pytest.mark.parametrize("what", ["exemption", "retirement", "reversal"])
def test_exemptions_retirements_and_reversals_are_corrections_too(cast, locked, what):
    member = cast.member.member
    if what == "exemption":
        Exemption.objects.create(member=member, reason="ILLNESS", starts_on=date(2025, 1, 1))
    elif what == "retirement":
        type(member).objects.filter(pk=member.pk).update(retired_on=date(2025, 6, 1))
    else:
        award(cast, member, date(2025, 5, 1), value=-4, reverses=member.awards.get())
    [version] = correct(cast)
    state = {"exemption": "EXEMPT", "retirement": "NOT_APPLICABLE", "reversal": "NOT_MET"}[what]
    assert version.rows.get().state == state


def test_a_correction_of_one_unit_leaves_the_others(cast, locked):
    for member in (cast.member.member, cast.other_member.member):
        award(cast, member, date(2025, 12, 31))
    [version] = correct(cast, cast.unit)
    assert version.unit == cast.unit
    assert list(pending_changes(cast.city, 2025)) == [cast.other_unit.pk]


def test_a_third_version_corrects_the_second(cast, locked):
    for n in (2, 3):
        award(cast, cast.member.member, date(2025, 12, 31))
        [version] = correct(cast)
        assert (version.version, version.corrects.version) == (n, n - 1)
    assert list(
        ComplianceReport.objects.filter(unit=cast.unit).values_list("status", flat=True).order_by("version")
    ) == [
        "SUPERSEDED",
        "SUPERSEDED",
        "LOCKED",
    ]


def test_it_refuses_without_a_difference_without_a_reason_and_without_a_lock(cast):
    refused(Reason.YEAR_NOT_LOCKED, lambda: correct(cast))
    lock_year(cast.city, 2025, by=cast.city_officer)
    refused(Reason.CORRECTION_UNEXPLAINED, lambda: correct(cast, reason=" "))
    refused(Reason.NOTHING_DIFFERS, lambda: correct(cast))
    with pytest.raises(PermissionDenied):
        correct_reports(cast.unit, 2025, reason="为自己", by=cast.unit_officer)
    assert ComplianceReport.objects.filter(status="LOCKED", version=1).count() == 2
