"""The benchmark's lines, and how it reads what the server answers."""

import pytest

from bench.grab import at_least, at_most, truth
from bench.phones import Answer, Answers, Ask, parsed

WHOLE = (
    b"HTTP/1.1 302 Found\r\nLocation: /shifts/1/\r\nSet-Cookie: messages=a=b; Path=/\r\nContent-Length: 4\r\n\r\nbody"
)


def test_a_line_names_value_limit_ratio_and_target_and_whether_it_is_enough():
    assert at_most("300 on 50", 3, 2, 1.6) == {
        "name": "300 on 50",
        "value": 3,
        "limit": 2,
        "ratio": 1.5,
        "target": 1.6,
        "ok": True,
    }


@pytest.mark.parametrize(("value", "most", "least"), [(1, True, False), (2, True, True), (3, False, True)])
def test_a_limit_that_is_just_met_is_met(value, most, least):
    assert at_most("", value, 2, 1)["ok"] is most
    assert at_least("", value, 2, 1)["ok"] is least


def test_one_time_with_a_fault_is_not_enough_and_names_it():
    assert truth("a storm", [[], [], []])["ok"]
    told = truth("a storm", [[], ["somebody has two places"], []])
    assert (told["ok"], told["ratio"], told["faults"]) == (False, 0.667, ["somebody has two places"])


def test_an_answer_is_read_whole_or_counts_as_none():
    assert parsed(WHOLE, 0.5) == Answer(302, 0.5, "/shifts/1/", {"messages": "a=b"}, "body")
    for cut in (b"", WHOLE[:20], WHOLE[:-1]):
        assert parsed(cut, 0.5) == Answer(0, 0.5)


def test_the_slowest_hundredth_is_what_all_but_those_were_within():
    of_300 = Answers(1, [Answer(302, seconds) for seconds in range(300)])
    assert of_300.slowest_hundredth == 297
    assert Answers(1, [Answer(302, 1), Answer(302, 2)]).slowest_hundredth == 2


def test_a_form_is_asked_as_a_browser_sends_it():
    asked = Ask("/shifts/1/claim/", {"sessionid": "s", "csrftoken": "c"}, {"member": [1, 2]}).bytes("127.0.0.1:1")
    head, _, body = asked.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /shifts/1/claim/ HTTP/1.1\r\n")
    assert b"Cookie: sessionid=s; csrftoken=c" in head
    assert (b"Content-Length: 17" in head, body) == (True, b"member=1&member=2")
