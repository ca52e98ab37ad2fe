"""Lists at the same moment: whoever presses, and however many workers there are, each list is written once."""

import threading

import pytest
from django.db import connection

from accounts.actions import roster_checking as checking
from accounts.actions import roster_writing as writing
from accounts.actions.roster import raise_version
from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_entry import add_entry
from accounts.actions.roster_import import apply_roster_import, undo_roster_import
from accounts.actions.roster_writing import write_roster
from accounts.models import Notice, RosterEntry, RosterImport
from accounts.refusals import Reason
from tests.accounts.rosters import applied, checked, entry, fresh, roster_of, uploaded
from tests.storm import ROUNDS, at_once, reasons

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("round", ROUNDS)]
Status = RosterImport.Status
ROWS = [[f"张{letter}", f"138000000{n:02d}"] for n, letter in enumerate("甲乙丙丁戊己庚辛壬癸")]


def test_uploads_at_once_leave_one_list(cast, round):
    outcomes = at_once(*[lambda: uploaded(cast.unit_officer, *ROWS)] * 4)
    assert reasons(outcomes) == [Reason.IMPORT_UNDER_WAY] * 3
    assert RosterImport.objects.count() == 1


def test_workers_at_once_check_a_list_once(cast, round, monkeypatch):
    monkeypatch.setattr(checking, "LINES_A_BATCH", 3)
    roster_import = uploaded(cast.unit_officer, *ROWS)
    assert reasons(at_once(*[lambda: check_roster(roster_import.pk)] * 4)) == []
    assert fresh(roster_import).status == Status.READY
    assert sorted(roster_import.lines.values_list("row", flat=True)) == list(range(2, len(ROWS) + 2))
    assert Notice.objects.filter(kind=Notice.Kind.ROSTER_CHECKED).count() == 1


def test_officers_at_once_have_it_imported_once(cast, round):
    roster_import = checked(cast.unit_officer, *ROWS)

    def press():
        apply_roster_import(fresh(roster_import), remove_missing=False, by=cast.unit_officer)

    assert set(reasons(at_once(*[press] * 4))) <= {Reason.STATE_CHANGED, Reason.NOT_ALLOWED_NOW}
    assert reasons(at_once(*[lambda: write_roster(roster_import.pk)] * 4)) == []
    assert fresh(roster_import).status == Status.APPLIED
    assert RosterEntry.objects.count() == len(ROWS)
    assert Notice.objects.filter(kind=Notice.Kind.ROSTER_APPLIED).count() == 1


def test_without_a_lease_the_state_alone_still_writes_once(cast, round, monkeypatch):
    roster_import = checked(cast.unit_officer, *ROWS)
    apply_roster_import(roster_import, remove_missing=False, by=cast.unit_officer)
    monkeypatch.setattr(writing, "_take", lambda roster_import: True)
    assert reasons(at_once(*[lambda: write_roster(roster_import.pk)] * 4)) == []
    assert fresh(roster_import).status == Status.APPLIED
    assert RosterEntry.objects.count() == len(ROWS)


def test_without_version_and_state_it_is_written_twice(cast, round, monkeypatch):
    """The control: proves that the test above is a race that something decides."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: there is nothing to race")
    roster_import = checked(cast.unit_officer, *ROWS)
    apply_roster_import(roster_import, remove_missing=False, by=cast.unit_officer)
    both_here = threading.Barrier(2)

    def change_unguarded(unit, *, seen):
        both_here.wait(timeout=20)
        return raise_version(unit)

    monkeypatch.setattr(writing, "_take", lambda roster_import: True)
    monkeypatch.setattr(writing, "raise_version", change_unguarded)
    monkeypatch.setattr(writing, "move", lambda roster_import, to, **_: None)
    outcomes = at_once(*[lambda: write_roster(roster_import.pk)] * 2)
    assert any(isinstance(outcome, Exception) for outcome in outcomes), "the phone is unique: the second insert fails"


def test_a_change_by_hand_and_an_import_at_once_never_mix(cast, round):
    entry(cast.unit, "李四", "13700000001")
    roster_import = checked(cast.unit_officer, *ROWS)
    apply_roster_import(roster_import, remove_missing=True, by=cast.unit_officer)

    def mend():
        fields = {"name": "何人", "phone": "13800000000", "community": None, "compound": None, "address": ""}
        return add_entry(cast.unit, **fields, by=cast.unit_officer)

    added, _written = outcomes = at_once(mend, lambda: write_roster(roster_import.pk))
    assert set(reasons(outcomes)) <= {Reason.PHONE_ON_ROSTER}
    if fresh(roster_import).status == Status.APPLIED:
        assert isinstance(added, Exception)
        assert [line[1] for line in roster_of(cast.unit)] == [phone for _name, phone in ROWS]
    else:
        assert [line[0] for line in roster_of(cast.unit)] == ["李四", "何人"]
        assert fresh(roster_import).status == Status.READY


def test_undoing_twice_and_the_next_import_at_once_leave_one_whole_roster(cast, round):
    first = applied(cast.unit_officer, *ROWS[:4])
    second = checked(cast.unit_officer, *ROWS[2:], ["何人", "13700000000"])
    apply_roster_import(second, remove_missing=True, by=cast.unit_officer)

    def undo():
        undo_roster_import(fresh(first), by=cast.unit_officer)

    outcomes = at_once(undo, lambda: write_roster(second.pk), undo)
    allowed = {Reason.UNDO_TOO_LATE, Reason.STATE_CHANGED, Reason.NOT_ALLOWED_NOW}
    assert set(reasons(outcomes)) <= allowed
    phones = [line[1] for line in roster_of(cast.unit)]
    if fresh(second).status == Status.APPLIED:
        assert fresh(first).status == Status.APPLIED
        assert phones == ["13700000000", *(phone for _name, phone in ROWS[2:])]
    else:
        assert (fresh(first).status, fresh(second).status) == (Status.UNDONE, Status.READY)
        assert phones == []
