"""What a form was opened with."""

from vanguard.lib.fingerprint import fingerprint


def test_the_same_values_give_the_same_text_and_others_another():
    assert fingerprint("灯笼", 1, None) == fingerprint("灯笼", 1, None)
    assert len({fingerprint(*values) for values in [("a", "b"), ("ab", ""), ("", "ab"), ("b", "a"), ("a",)]}) == 5
