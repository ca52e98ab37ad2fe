import pytest

from vanguard.lib.in_turn import do_in_turn


def test_what_fails_keeps_nobody_waiting_and_is_not_kept_secret():
    done: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        do_in_turn([lambda: done.append("first"), fail, lambda: done.append("last"), fail])
    assert done == ["first", "last"]
    assert [type(failure) for failure in caught.value.exceptions] == [ZeroDivisionError] * 2


def test_what_goes_well_is_silent():
    do_in_turn([])
    do_in_turn([lambda: None])
