"""A list is checked first, written whole or not at all, and can be undone until the roster next changes."""

import random
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import roster_checking as checking
from accounts.actions import roster_writing as writing
from accounts.actions.lease import LEASE
from accounts.actions.roster import raise_version
from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_entry import add_entry
from accounts.actions.roster_import import (
    apply_roster_import,
    discard_roster_import,
    recheck_roster_import,
    undo_roster_import,
    upload_roster,
)
from accounts.actions.roster_writing import write_roster
from accounts.jobs import check_roster_import, resume_roster_imports, write_roster_import
from accounts.models import Member, Notice, Record, Roster, RosterEntry, RosterImport, RosterImportLine
from accounts.queries.roster_import import can_be_undone, is_outdated, line_counts
from accounts.refusals import Reason
from accounts.roster_faults import RosterFault
from tests import sheets
from tests.accounts.rosters import applied, checked, entry, fresh, roster_of, uploaded
from tests.factories import CommunityFactory, CompoundFactory, MemberFactory
from vanguard.lib.refused import Refused
from vanguard.lib.sheet import MOST_BYTES, SheetFault

pytestmark = pytest.mark.django_db
Status = RosterImport.Status
NEW = ["张三", "13800000001", "荷风社区", "荷风雅苑一期", "3幢301"]
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


class Killed(BaseException):
    """What happens to a worker whose machine is switched off: no handler of ours runs."""


def refused(act, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        act(*args, **kwargs)
    assert "%(" not in refusal.value.sentence
    return refusal.value.reason


def version(unit):
    return Roster.objects.get(unit=unit).version


def nothing_else_written(cast):
    return not RosterEntry.objects.exists() and not Roster.objects.filter(version__gt=0).exists()


# --- uploading ------------------------------------------------------------------------------


def test_an_upload_waits_to_be_checked_and_is_recorded(cast):
    roster_import = uploaded(cast.unit_officer, NEW)
    assert (roster_import.status, roster_import.unit) == (Status.WAITING, cast.unit)
    assert (roster_import.requested_by, roster_import.appointment) == (
        cast.unit_officer.user,
        cast.unit_officer.appointment,
    )
    assert Record.objects.get(verb="uploaded", subject_id=roster_import.pk).user == cast.unit_officer.user
    assert nothing_else_written(cast)


@pytest.mark.parametrize("role", ["other_unit_officer", "city_officer", "inspector", "secretary", "member"])
def test_others_do_not_keep_this_roster(cast, role):
    ready = checked(cast.unit_officer, NEW)
    by = getattr(cast, role)
    acts = [
        lambda: upload_roster(cast.unit, file_name="a.csv", content=b"x", by=by),
        lambda: apply_roster_import(ready, remove_missing=False, by=by),
        lambda: recheck_roster_import(ready, by=by),
        lambda: undo_roster_import(ready, by=by),
        lambda: discard_roster_import(ready, by=by),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert fresh(ready).status == Status.READY


def test_a_file_that_is_too_large_is_refused(cast):
    content = b"x" * (MOST_BYTES + 1)
    reason = refused(upload_roster, cast.unit, file_name="a.csv", content=content, by=cast.unit_officer)
    assert reason == Reason.FILE_TOO_BIG
    assert not RosterImport.objects.exists()


def test_one_list_of_a_unit_at_a_time(cast):
    first = uploaded(cast.unit_officer, NEW)
    assert refused(uploaded, cast.unit_officer, NEW) == Reason.IMPORT_UNDER_WAY
    uploaded(cast.other_unit_officer, NEW)
    check_roster(first.pk)
    uploaded(cast.unit_officer, NEW)


def test_a_newer_list_takes_the_place_of_one_that_was_not_imported(cast):
    first = checked(cast.unit_officer, NEW)
    other = checked(cast.other_unit_officer, NEW)
    uploaded(cast.unit_officer, NEW)
    assert fresh(first).status == Status.DISCARDED
    assert not first.lines.exists()
    assert fresh(other).status == Status.READY


# --- checking -------------------------------------------------------------------------------


def test_each_line_is_new_changed_same_missing_or_wrong(cast):
    same = entry(cast.unit, "李四", "13800000002", community=cast.community, address="1-1")
    changed = entry(cast.unit, "王五", "13800000003", community=cast.community)
    moved = entry(cast.unit, "赵六", "13800000004")
    missing = entry(cast.unit, "钱七", "13800000005")
    entry(cast.unit, "孙八", "13800000006", removed_on=date(2026, 1, 1))
    entry(cast.other_unit, "周九", "13800000001")
    roster_import = checked(
        cast.unit_officer,
        NEW,
        ["李四", "13800000002", "荷风社区", "", "1-1"],
        ["王武", "13800000003", "枕溪社区", "", "2-2"],
        ["赵六", "13900000004"],
        ["", "13800000007"],
    )
    found = {line.row: (line.kind, line.entry) for line in roster_import.lines.all()}
    assert found == {
        2: ("NEW", None),
        3: ("SAME", same),
        4: ("CHANGED", changed),
        5: ("CHANGED", moved),
        6: ("WRONG", None),
        None: ("MISSING", missing),
    }
    assert line_counts(roster_import) == {"WRONG": 1, "MISSING": 1, "CHANGED": 2, "NEW": 1, "SAME": 1}
    with_changes = {line.row: [(old, new) for _c, old, new in line.changes] for line in roster_import.lines.all()}
    assert with_changes[4] == [("王五", "王武"), ("荷风社区", "枕溪社区"), ("", "2-2")]
    assert with_changes[5] == [("13800000004", "13900000004")]


def test_checking_writes_nothing_but_the_lines(cast):
    entry(cast.unit, "李四", "13800000002")
    before = roster_of(cast.unit)
    roster_import = checked(cast.unit_officer, NEW)
    assert (roster_import.status, roster_import.lines_done, roster_import.lines_total) == (Status.READY, 1, 1)
    assert roster_of(cast.unit) == before
    assert not Roster.objects.filter(version__gt=0).exists()


def test_the_file_is_dropped_once_its_lines_are_stored(cast):
    roster_import = uploaded(cast.unit_officer, NEW)
    assert roster_import.content
    check_roster(roster_import.pk)
    assert fresh(roster_import).content is None
    assert checked(cast.unit_officer, content=sheets.PNG).content is None


def test_a_name_that_two_share_matches_nobody(cast):
    entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "李四", "13800000003")
    roster_import = checked(cast.unit_officer, ["李四", "13800000004"])
    assert line_counts(roster_import) == {"MISSING": 2, "NEW": 1}
    roster_import = checked(cast.unit_officer, ["李四", "13800000004"], ["李四", "13800000002"])
    assert line_counts(roster_import) == {"CHANGED": 1, "SAME": 1}


def test_who_stands_in_the_list_with_a_fault_is_not_missing(cast):
    entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "王五", "13800000003")
    roster_import = checked(cast.unit_officer, ["李4", "13800000002"], ["王五", "1"])
    assert line_counts(roster_import) == {"WRONG": 2}


def test_a_column_that_the_list_lacks_leaves_the_roster_as_it_is(cast):
    entry(cast.unit, "李四", "13800000002", community=cast.community, compound=cast.compound, address="1-1")
    roster_import = checked(cast.unit_officer, content=sheets.csv(["姓名", "手机"], ["李四", "13800000002"]))
    assert line_counts(roster_import) == {"SAME": 1}


def test_an_empty_cell_empties_what_stood_there(cast):
    entry(cast.unit, "李四", "13800000002", community=cast.community, address="1-1")
    applied(cast.unit_officer, ["李四", "13800000002"])
    assert roster_of(cast.unit) == [("李四", "13800000002", None, None, "", "", None)]


def test_who_moves_to_another_community_leaves_the_compound_of_the_old_one(cast):
    entry(cast.unit, "李四", "13800000002", community=cast.community, compound=cast.compound)
    content = sheets.csv(["姓名", "手机", "社区"], ["李四", "13800000002", "枕溪社区"])
    applied(cast.unit_officer, content=content)
    assert roster_of(cast.unit) == [("李四", "13800000002", "枕溪社区", None, "", "", None)]


def test_who_uploaded_it_is_told_once(cast):
    roster_import = checked(cast.unit_officer, NEW)
    check_roster(roster_import.pk)
    notice = Notice.objects.get(kind=Notice.Kind.ROSTER_CHECKED)
    assert (notice.user, notice.params) == (cast.unit_officer.user, {"file": "名册.csv"})
    assert notice.link == f"/unit/roster/imports/{roster_import.pk}/"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", SheetFault.EMPTY_FILE),
        (sheets.PNG, SheetFault.NOT_A_SHEET),
        (sheets.OLE + "EncryptedPackage".encode("utf-16-le"), SheetFault.ENCRYPTED),
        (sheets.csv(["姓名"], ["张三"]), RosterFault.HEADING_MISSING),
        (sheets.csv(["姓名", "手机"]), RosterFault.NO_LINES),
    ],
)
def test_what_is_no_list_says_why_and_writes_nothing(cast, content, code):
    roster_import = checked(cast.unit_officer, content=content)
    assert (roster_import.status, [fault["code"] for fault in roster_import.faults]) == (Status.UNREADABLE, [code])
    assert roster_import.problems[0]
    assert not RosterImportLine.objects.exists()
    assert nothing_else_written(cast)
    assert refused(apply_roster_import, roster_import, remove_missing=False, by=cast.unit_officer) == (
        Reason.NOT_ALLOWED_NOW
    )


def test_a_fault_of_ours_is_said_and_frees_the_way(cast, monkeypatch):
    roster_import = uploaded(cast.unit_officer, NEW)

    def fail(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(checking, "LineChecker", fail)
        with pytest.raises(ZeroDivisionError):
            check_roster(roster_import.pk)
    assert [fault["code"] for fault in fresh(roster_import).faults] == [RosterFault.NOT_CHECKED]
    assert checked(cast.unit_officer, NEW).status == Status.READY


def test_a_fault_while_lines_are_stored_frees_the_way_too(cast, monkeypatch):
    roster_import, store = uploaded(cast.unit_officer, NEW), checking._store

    def fail_with_lines(roster_import, lines):
        store(roster_import, lines)
        if lines:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(checking, "_store", fail_with_lines)
    with pytest.raises(RuntimeError):
        check_roster(roster_import.pk)
    assert fresh(roster_import).status == Status.UNREADABLE
    assert not roster_import.lines.exists()


def test_an_import_that_is_gone_harms_nobody(db):
    check_roster_import(404)
    write_roster_import(404)


# --- two workers, and one that dies ---------------------------------------------------------


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


ROWS = [["张三", "13800000001"], ["李四", "13800000002"], ["王五", "13800000003"], ["赵六", "13800000004"]]


@pytest.fixture
def dead(cast, clock, monkeypatch):
    """A check whose worker died after two of four lines."""
    monkeypatch.setattr(checking, "LINES_A_BATCH", 1)
    roster_import, store = uploaded(cast.unit_officer, *ROWS), checking._store_batch

    def die_after_two(run, batch):
        if run.lines_done == 2:
            raise Killed
        store(run, batch)

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(checking, "_store_batch", die_after_two)
        check_roster(roster_import.pk)
    return fresh(roster_import)


def test_another_worker_goes_on_where_a_dead_one_stopped(cast, clock, dead, monkeypatch):
    assert (dead.status, dead.lines_done, dead.lines.count()) == (Status.RUNNING, 2, 2)
    resume_roster_imports()
    assert fresh(dead).status == Status.RUNNING, "the dead worker's lease still holds"
    kept = set(dead.lines.values_list("pk", flat=True))
    clock.move_to(NOON + LEASE)
    resume_roster_imports()
    assert (fresh(dead).status, fresh(dead).lines_done) == (Status.READY, 4)
    assert kept < set(dead.lines.values_list("pk", flat=True))
    assert sorted(dead.lines.values_list("row", flat=True)) == [2, 3, 4, 5]


def test_a_roster_that_changed_meanwhile_makes_it_begin_anew(cast, clock, dead):
    add_entry(
        cast.unit, name="张三", phone="13800000001", community=None, compound=None, address="", by=cast.unit_officer
    )
    clock.move_to(NOON + LEASE)
    resume_roster_imports()
    assert line_counts(dead) == {"NEW": 3, "SAME": 1}
    assert fresh(dead).checked_version == version(cast.unit)


def test_a_worker_that_slept_through_its_lease_writes_nothing_more(cast, clock, dead):
    clock.move_to(NOON + LEASE)
    resume_roster_imports()
    before = list(dead.lines.values())
    with pytest.raises(checking.LeaseLost):
        checking._store_batch(dead, [RosterImportLine(row=9, kind="NEW")])
    with pytest.raises(checking.LeaseLost):
        checking._finish(dead, Status.UNREADABLE, faults=[])
    assert list(dead.lines.values()) == before


def test_while_one_checks_a_second_keeps_its_hands_off(cast, monkeypatch):
    roster_import, begin, tried = uploaded(cast.unit_officer, NEW), checking._begin, []

    def begin_and_let_another_try(*args):
        begin(*args)
        monkeypatch.setattr(checking, "_begin", begin)
        tried.append(check_roster(roster_import.pk))
        assert not roster_import.lines.exists()

    monkeypatch.setattr(checking, "_begin", begin_and_let_another_try)
    check_roster(roster_import.pk)
    assert tried == [None]
    assert roster_import.lines.count() == 1


def test_what_waits_is_done_even_when_no_worker_was_woken(cast):
    roster_import = uploaded(cast.unit_officer, NEW)
    resume_roster_imports()
    apply_roster_import(fresh(roster_import), remove_missing=False, by=cast.unit_officer)
    resume_roster_imports()
    assert fresh(roster_import).status == Status.APPLIED
    resume_roster_imports()
    assert len(roster_of(cast.unit)) == 1


def test_jobs_go_by_the_names_of_the_schedule(settings):
    assert resume_roster_imports.name in settings.SCHEDULE


# --- applying -------------------------------------------------------------------------------


def test_an_import_writes_what_the_check_has_shown(cast):
    entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "钱七", "13800000005")
    roster_import = applied(cast.unit_officer, NEW, ["李四", "13900000002", "枕溪社区", "", "２栋 202"])
    assert (roster_import.status, roster_import.applied_version) == (Status.APPLIED, version(cast.unit))
    assert roster_of(cast.unit) == [
        ("张三", "13800000001", "荷风社区", "荷风雅苑一期", "3幢301", "3-301", None),
        ("钱七", "13800000005", None, None, "", "", None),
        ("李四", "13900000002", "枕溪社区", None, "２栋 202", "2-202", None),
    ]
    assert roster_import.applied_at
    notice = Notice.objects.get(kind=Notice.Kind.ROSTER_APPLIED)
    assert (notice.user, notice.params) == (cast.unit_officer.user, {"file": "名册.csv"})


def test_an_import_from_another_unit_leaves_this_roster_alone(cast):
    entry(cast.unit, "李四", "13800000002")
    before = roster_of(cast.unit)
    applied(cast.other_unit_officer, NEW, remove_missing=False)
    assert roster_of(cast.unit) == before


def test_who_is_missing_is_taken_off_only_on_request(cast):
    entry(cast.unit, "钱七", "13800000005")
    applied(cast.unit_officer, NEW)
    assert len(roster_of(cast.unit)) == 2
    applied(cast.unit_officer, NEW, remove_missing=True)
    assert [line[0] for line in roster_of(cast.unit)] == ["张三"]
    assert RosterEntry.objects.get(name="钱七").removed_on == timezone.localdate()


def test_lines_are_linked_to_the_members_they_name(cast):
    member = MemberFactory(unit=cast.unit, community=cast.community, user__name="张三", user__phone="13800000001")
    applied(cast.unit_officer, NEW)
    assert RosterEntry.objects.get(phone="13800000001").member == member


def test_a_line_that_the_list_gives_to_another_is_linked_to_that_one(cast):
    people = {"unit": cast.unit, "community": cast.community}
    old = MemberFactory(**people, user__name="吴十", user__phone="13800000010")
    new = MemberFactory(**people, user__name="李四", user__phone="13900000002")
    line = entry(cast.unit, "李四", "13800000002", member=old)
    same, gone = (entry(cast.unit, name, f"1370000000{n}", member=MemberFactory()) for n, name in enumerate("甲乙"))
    roster_import = applied(cast.unit_officer, ["李四", "13900000002"], [same.name, same.phone], ["丙", gone.phone])
    assert dict(RosterEntry.objects.values_list("pk", "member")) == {
        line.pk: new.pk,
        same.pk: same.member_id,
        gone.pk: None,
    }
    undo_roster_import(roster_import, by=cast.unit_officer)
    assert dict(RosterEntry.objects.values_list("pk", "member")) == {
        line.pk: old.pk,
        same.pk: same.member_id,
        gone.pk: gone.member_id,
    }


def test_a_list_with_a_wrong_line_is_not_imported(cast):
    roster_import = checked(cast.unit_officer, NEW, ["", "1"])
    assert refused(apply_roster_import, roster_import, remove_missing=False, by=cast.unit_officer) == Reason.LINES_WRONG
    assert nothing_else_written(cast)


def test_a_list_that_changes_nothing_is_not_imported(cast):
    entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "钱七", "13800000005")
    roster_import = checked(cast.unit_officer, ["李四", "13800000002"])
    reason = refused(apply_roster_import, roster_import, remove_missing=False, by=cast.unit_officer)
    assert reason == Reason.NOTHING_TO_IMPORT
    apply_roster_import(roster_import, remove_missing=True, by=cast.unit_officer)
    write_roster(roster_import.pk)
    assert [line[0] for line in roster_of(cast.unit)] == ["李四"]


def test_applied_twice_it_is_written_once(cast):
    roster_import = checked(cast.unit_officer, NEW)
    apply_roster_import(roster_import, remove_missing=False, by=cast.unit_officer)
    for state in (Status.APPLYING, Status.APPLIED):
        again = fresh(roster_import)
        assert again.status == state
        reason = refused(apply_roster_import, again, remove_missing=False, by=cast.unit_officer)
        assert reason == Reason.NOT_ALLOWED_NOW
        write_roster(roster_import.pk)
    assert len(roster_of(cast.unit)) == 1
    assert Notice.objects.filter(kind=Notice.Kind.ROSTER_APPLIED).count() == 1


def test_all_or_nothing(cast, monkeypatch):
    entry(cast.unit, "李四", "13800000002")
    before = roster_of(cast.unit)
    roster_import = checked(cast.unit_officer, NEW, ["李四", "13900000002"])
    apply_roster_import(roster_import, remove_missing=True, by=cast.unit_officer)

    def fail(*args):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(writing, "link_entries", fail)
        with pytest.raises(ZeroDivisionError):
            write_roster(roster_import.pk)
    assert roster_of(cast.unit) == before
    given_back = fresh(roster_import)
    assert (given_back.status, [fault["code"] for fault in given_back.faults]) == (
        Status.READY,
        [RosterFault.NOT_WRITTEN],
    )
    apply_roster_import(given_back, remove_missing=True, by=cast.unit_officer)
    write_roster(roster_import.pk)
    assert (fresh(roster_import).status, fresh(roster_import).faults) == (Status.APPLIED, [])


def test_a_worker_that_died_while_writing_is_followed_by_another(cast, clock, monkeypatch):
    roster_import = checked(cast.unit_officer, NEW)
    apply_roster_import(roster_import, remove_missing=False, by=cast.unit_officer)

    def die(*args):
        raise Killed

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(writing, "link_entries", die)
        write_roster(roster_import.pk)
    write_roster(roster_import.pk)
    assert fresh(roster_import).status == Status.APPLYING
    clock.move_to(NOON + LEASE)
    resume_roster_imports()
    assert fresh(roster_import).status == Status.APPLIED


# --- a roster that has changed since --------------------------------------------------------


def someone_adds_a_line(cast):
    add_entry(
        cast.unit, name="何人", phone="13700000000", community=None, compound=None, address="", by=cast.unit_officer
    )


def test_a_roster_that_changed_since_the_check_is_not_written_over(cast):
    roster_import = checked(cast.unit_officer, NEW)
    someone_adds_a_line(cast)
    assert is_outdated(roster_import)
    reason = refused(apply_roster_import, roster_import, remove_missing=True, by=cast.unit_officer)
    assert reason == Reason.ROSTER_CHANGED


def test_a_change_just_before_the_writing_gives_the_list_back(cast):
    roster_import = checked(cast.unit_officer, NEW)
    apply_roster_import(roster_import, remove_missing=True, by=cast.unit_officer)
    someone_adds_a_line(cast)
    before = roster_of(cast.unit)
    write_roster(roster_import.pk)
    assert fresh(roster_import).status == Status.READY
    assert roster_of(cast.unit) == before


def test_checked_again_it_is_compared_anew_without_the_file(cast):
    community = CommunityFactory(parent=cast.street, name="同名社区", code="550001")
    CommunityFactory(parent=cast.street, name="同名社区", code="550002")
    compound = CompoundFactory(parent=community, name="东苑")
    roster_import = checked(
        cast.unit_officer,
        ["何人", "13700000000"],
        ["张 三", "13800000001", "550001", "东苑", " 3 幢 "],
        ["李四", "1.38E+10"],
    )
    before = list(roster_import.lines.exclude(row=None).values_list("row", "values"))
    assert line_counts(roster_import) == {"WRONG": 1, "NEW": 2}
    someone_adds_a_line(cast)
    recheck_roster_import(roster_import, by=cast.unit_officer)
    assert fresh(roster_import).status == Status.WAITING
    check_roster(roster_import.pk)
    assert line_counts(roster_import) == {"WRONG": 1, "NEW": 1, "SAME": 1}
    assert list(roster_import.lines.exclude(row=None).values_list("row", "values")) == before
    assert roster_import.lines.get(row=3).values["compound_id"] == compound.pk
    assert not is_outdated(fresh(roster_import))
    assert roster_import.lines.get(row=4).faults[0]["code"] == RosterFault.PHONE_LOST_DIGITS


def test_a_line_checked_again_can_be_right_by_then(cast):
    roster_import = checked(cast.unit_officer, ["张三", "13800000001", "新社区"])
    assert line_counts(roster_import) == {"WRONG": 1}
    CommunityFactory(parent=cast.street, name="新社区")
    recheck_roster_import(roster_import, by=cast.unit_officer)
    check_roster(roster_import.pk)
    assert line_counts(roster_import) == {"NEW": 1}


def test_only_a_checked_list_is_checked_again(cast):
    roster_import = applied(cast.unit_officer, NEW)
    assert refused(recheck_roster_import, roster_import, by=cast.unit_officer) == Reason.NOT_ALLOWED_NOW


# --- undoing and discarding -----------------------------------------------------------------


def test_an_undone_import_leaves_the_roster_exactly_as_it_was(cast):
    member = MemberFactory(unit=cast.unit, community=cast.community, user__name="吴十", user__phone="13800000010")
    entry(cast.unit, "李四", "13800000002", community=cast.community, compound=cast.compound, address="3 幢")
    entry(cast.unit, "吴十", "13800000010", member=member, address="1-1")
    entry(cast.unit, "钱七", "13800000005", community=cast.other_community)
    MemberFactory(unit=cast.unit, community=cast.community, user__name="李思", user__phone="13800000002")
    before = roster_of(cast.unit)
    roster_import = applied(
        cast.unit_officer,
        NEW,
        ["李思", "13800000002", "枕溪社区", "", "9-9"],
        ["吴十", "13900000010"],
        remove_missing=True,
    )
    assert roster_of(cast.unit) != before
    assert RosterEntry.objects.current().get(phone="13800000002").member
    undo_roster_import(roster_import, by=cast.unit_officer)
    assert fresh(roster_import).status == Status.UNDONE
    restored = roster_of(cast.unit)
    assert [line[:-1] for line in restored] == [line[:-1] for line in before]
    assert dict.fromkeys(line[1] for line in restored if line[-1]) == {"13800000002": None, "13800000010": None}
    added = RosterEntry.objects.get(phone="13800000001")
    assert (added.removed_on, added.member) == (timezone.localdate(), None)
    assert not roster_import.lines.exists()


def test_an_undone_import_unlinks_what_only_its_new_words_had_linked(cast):
    old = entry(cast.unit, "李四", "13800000002")
    MemberFactory(unit=cast.unit, community=cast.community, user__name="郑某", user__phone="13900000002")
    roster_import = applied(cast.unit_officer, ["李四", "13900000002"])
    old.refresh_from_db()
    assert old.member
    undo_roster_import(roster_import, by=cast.unit_officer)
    old.refresh_from_db()
    assert (old.phone, old.member) == ("13800000002", None)


def test_a_member_who_has_another_line_by_now_keeps_that_one_when_the_import_is_undone(cast):
    """Their own line was taken off; another line has them since, by a phone that the community has approved."""
    member = cast.member.member
    other = entry(cast.unit, "王五", "10055500002")
    old = entry(cast.unit, "张旧", "10055500001", member=member)
    roster_import = applied(cast.unit_officer, ["王五", "10055500002"], remove_missing=True)
    RosterEntry.objects.filter(pk=other.pk).update(member=member)
    undo_roster_import(fresh(roster_import), by=cast.unit_officer)
    old.refresh_from_db()
    other.refresh_from_db()
    assert (old.removed_on, old.member, other.member) == (None, None, member)


def test_a_member_of_a_changed_line_who_has_another_one_by_now_keeps_that_one_too(cast):
    member = cast.member.member
    changed = entry(cast.unit, member.user.name, member.user.phone, member=member)
    roster_import = applied(cast.unit_officer, ["王五", member.user.phone], ["赵六", "10055500003"])
    RosterEntry.objects.filter(pk=changed.pk).update(member=None)
    other = entry(cast.unit, "何人", "10055500009", member=member)
    undo_roster_import(fresh(roster_import), by=cast.unit_officer)
    changed.refresh_from_db()
    assert (changed.name, changed.member) == (member.user.name, None)
    assert RosterEntry.objects.get(pk=other.pk).member == member


def test_undoing_gives_no_line_to_a_member_who_was_merged_meanwhile(cast):
    kept = cast.member.member
    gone = MemberFactory(unit=cast.unit, user__name="旧名")
    missing = entry(cast.unit, kept.user.name, "10055500001", member=gone)
    changed = entry(cast.unit, "别名", "10055500004", member=MemberFactory(merged_into=kept))
    roster_import = applied(cast.unit_officer, ["别名", "10055500004", "枕溪社区"], remove_missing=True)
    Member.objects.filter(pk=gone.pk).update(merged_into=kept)
    undo_roster_import(fresh(roster_import), by=cast.unit_officer)
    missing.refresh_from_db()
    changed.refresh_from_db()
    assert (missing.member, missing.removed_on, changed.member) == (kept, None, None)


def test_undoing_gives_each_line_the_member_it_had(cast):
    """Whom neither name nor phone would find again."""
    members = [MemberFactory(unit=cast.unit) for _ in range(2)]
    changed = entry(cast.unit, "甲某", "10055500001", member=members[0])
    missing = entry(cast.unit, "乙某", "10055500002", member=members[1])
    roster_import = applied(cast.unit_officer, ["甲某", "10055500003"], remove_missing=True)
    undo_roster_import(fresh(roster_import), by=cast.unit_officer)
    assert dict(RosterEntry.objects.current().values_list("pk", "member")) == {
        changed.pk: members[0].pk,
        missing.pk: members[1].pk,
    }


def test_who_was_missing_and_stayed_is_untouched_by_undoing(cast):
    line = entry(cast.unit, "钱七", "13800000005")
    roster_import = applied(cast.unit_officer, NEW, remove_missing=False)
    undo_roster_import(roster_import, by=cast.unit_officer)
    line.refresh_from_db()
    assert line.removed_on is None


def test_after_the_next_change_it_can_no_longer_be_undone(cast):
    roster_import = applied(cast.unit_officer, NEW)
    assert can_be_undone(roster_import)
    someone_adds_a_line(cast)
    assert not can_be_undone(roster_import)
    before = roster_of(cast.unit)
    assert refused(undo_roster_import, roster_import, by=cast.unit_officer) == Reason.UNDO_TOO_LATE
    assert (fresh(roster_import).status, roster_of(cast.unit)) == (Status.APPLIED, before)
    assert roster_import.lines.exists()


def test_undone_twice_it_is_undone_once(cast):
    roster_import = applied(cast.unit_officer, NEW)
    stale = fresh(roster_import)
    undo_roster_import(roster_import, by=cast.unit_officer)
    assert refused(undo_roster_import, fresh(roster_import), by=cast.unit_officer) == Reason.NOT_ALLOWED_NOW
    assert refused(undo_roster_import, stale, by=cast.unit_officer) == Reason.STATE_CHANGED


def test_the_same_list_can_be_imported_after_it_was_undone(cast):
    undo_roster_import(applied(cast.unit_officer, NEW), by=cast.unit_officer)
    assert applied(cast.unit_officer, NEW).status == Status.APPLIED
    assert len(roster_of(cast.unit)) == 1


def test_a_discarded_list_is_gone_with_its_lines(cast):
    roster_import = checked(cast.unit_officer, NEW)
    discard_roster_import(roster_import, by=cast.unit_officer)
    assert fresh(roster_import).status == Status.DISCARDED
    assert not roster_import.lines.exists()
    assert refused(discard_roster_import, fresh(roster_import), by=cast.unit_officer) == Reason.NOT_ALLOWED_NOW
    assert refused(apply_roster_import, roster_import, remove_missing=False, by=cast.unit_officer) == (
        Reason.NOT_ALLOWED_NOW
    )
    waiting = uploaded(cast.unit_officer, NEW)
    discard_roster_import(waiting, by=cast.unit_officer)
    assert fresh(waiting).content is None
    check_roster(waiting.pk)
    assert fresh(waiting).status == Status.DISCARDED


def test_lists_that_can_no_longer_be_undone_lose_their_people(cast):
    first = applied(cast.unit_officer, NEW)
    other = applied(cast.other_unit_officer, NEW)
    second = applied(cast.unit_officer, NEW, ["李四", "13800000002"])
    assert not first.lines.exists()
    assert second.lines.exists()
    assert other.lines.exists()


# --- much of it -----------------------------------------------------------------------------


def test_the_number_of_statements_does_not_grow_with_the_lines(cast):
    """Up to a batch: here one line and sixty, new ones, changed ones and missing ones."""

    def statements(n: int) -> int:
        RosterEntry.objects.all().delete()
        letters = "甲乙丙丁戊己庚辛壬癸"
        names = [f"张{letters[i // 10]}{letters[i % 10]}" for i in range(n)]
        for i in range(n):
            entry(cast.unit, f"李{names[i]}", f"137000000{i:02d}")
            entry(cast.unit, f"钱{names[i]}", f"136000000{i:02d}")
        rows = [[f"李{name}", f"137000000{i:02d}", "荷风社区"] for i, name in enumerate(names)]
        rows += [[name, f"138000000{i:02d}"] for i, name in enumerate(names)]
        with CaptureQueriesContext(connection) as queries:
            applied(cast.unit_officer, *rows, remove_missing=True)
        assert len(roster_of(cast.unit)) == 2 * n
        return len(queries)

    statements(1)
    assert statements(1) == statements(60)


DAMAGE = [
    lambda row, rng: row.update(name=""),
    lambda row, rng: row.update(name=f"{row['name']}{rng.randint(1, 9)}"),
    lambda row, rng: row.update(name="=HYPERLINK(1)"),
    lambda row, rng: row.update(name="甲" * 41),
    lambda row, rng: row.update(phone=""),
    lambda row, rng: row.update(phone=row["phone"][:-1]),
    lambda row, rng: row.update(phone="1.38E+10"),
    lambda row, rng: row.update(phone=f"{row['phone']}x"),
    lambda row, rng: row.update(phone="13800000000"),
    lambda row, rng: row.update(unit="青澜市教育局"),
    lambda row, rng: row.update(unit="没有这个局"),
    lambda row, rng: row.update(community="没有这个社区"),
    lambda row, rng: row.update(compound="没有这个小区"),
    lambda row, rng: row.update(community=""),
    lambda row, rng: row.update(address="九" * 61),
]
LINES = 5000


def test_of_five_thousand_lines_exactly_the_damaged_ones_are_found(cast):
    rng = random.Random(2026)
    letters = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超霞平刚"
    fields = ["name", "phone", "unit", "community", "compound", "address"]
    rows = [
        {
            "name": "".join(rng.choices("王李张刘陈杨赵黄周吴龘䶮𠮷")) + "".join(rng.choices(letters, k=2)),
            "phone": f"138{n:08d}",
            "unit": rng.choice(["", "青澜市财政局", "CZJ"]),
            "community": "荷风社区",
            "compound": "荷风雅苑一期",
            "address": f"{rng.randint(1, 24)}幢{rng.randint(1, 9)}01",
        }
        for n in range(LINES)
    ]
    damaged = sorted(rng.sample(range(1, LINES), LINES * 2 // 100))
    for place, n in enumerate(damaged):
        DAMAGE[place % len(DAMAGE)](rows[n], rng)
    headings = ["姓名", "手机", "单位", "社区", "小区", "住址"]
    content = sheets.csv(headings, *([row[name] for name in fields] for row in rows), encoding="gb18030")
    roster_import = checked(cast.unit_officer, content=content)
    wrong = roster_import.lines.filter(kind="WRONG").order_by("row")
    assert [line.row for line in wrong] == [n + 2 for n in damaged]
    assert all(len(line.faults) == 1 and sentence for line in wrong for _column, sentence in line.problems)
    assert line_counts(roster_import) == {"WRONG": len(damaged), "NEW": LINES - len(damaged)}
    assert nothing_else_written(cast)


def test_raising_the_version_of_a_roster_that_has_none(cast):
    assert raise_version(cast.unit, seen=0) == 1
    assert raise_version(cast.unit, seen=0) is None
