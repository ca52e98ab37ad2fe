"""What the benchmark looks for after a storm: each fault is found, and where all is right there is none."""

from types import SimpleNamespace

import pytest

from accounts.models import Notice
from bench import storms
from bench.city import Person, Team
from bench.phones import Answer, Answers
from tasks.actions.claim import claim_shift
from tasks.models import Claim, Shift
from tests.tasks.group_world import claim as claim_together
from tests.tasks.group_world import group_world
from tests.tasks.places import neighbour
from tests.tasks.rush import new_shift

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PORT = 0  # nobody is asked


@pytest.fixture
def full(cast) -> SimpleNamespace:
    """Two places, which two of three members have got."""
    shift, actors = new_shift(cast.community, capacity=2), [neighbour(cast) for _ in range(3)]
    for actor in actors[:2]:
        claim_shift(shift, by=actor)
    people = [Person(actor.member.pk, cast.community.pk, {}, "") for actor in actors]
    return SimpleNamespace(shift=shift, people=people, claims=Claim.objects.filter(shift=shift))


def answered(*statuses: int, path: str = "") -> Answers:
    return Answers(1, [Answer(status, 0.1, path) for status in statuses])


def told(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    monkeypatch.setattr(storms, "what_the_pages_say", lambda *_: list(words))


def faults_of_grab(full: SimpleNamespace, answers: Answers | None = None, *, places: int = 2) -> list[str]:
    return storms.faults_of_grab(PORT, full.shift.pk, full.people, answers or answered(302, 302, 302), places=places)


def test_where_all_is_right_there_is_no_fault(full, monkeypatch):
    told(monkeypatch, "mine", "mine", "full")
    assert faults_of_grab(full) == []


@pytest.mark.parametrize("status", [500, 0, 200])
def test_an_error_or_no_answer_is_a_fault(full, status):
    assert faults_of_grab(full, answered(302, status, 302)) == [f"answers by status: { {302: 2, status: 1} }"]


@pytest.mark.parametrize("places", [1, 3])
def test_more_or_fewer_places_taken_than_there_are_is_a_fault(full, monkeypatch, places):
    told(monkeypatch, "mine", "mine", "full")
    assert faults_of_grab(full, places=places) == [f"2 places are taken instead of {places}"]


def test_places_counted_wrong_are_a_fault(full, monkeypatch):
    told(monkeypatch, "mine", "mine", "full")
    Shift.objects.update(taken=1)
    assert faults_of_grab(full) == ["the shift counts 1 places and has 2 claims"]


def test_a_claim_without_its_notice_is_a_fault(full, monkeypatch):
    told(monkeypatch, "mine", "mine", "full")
    Notice.objects.filter(link=full.claims[0].page).delete()
    assert faults_of_grab(full) == ["a claim is without its record or its notice"]


@pytest.mark.parametrize("words", [("mine", "full", "full"), ("mine", "mine", "mine"), ("mine", "full", "mine")])
def test_who_is_told_what_is_not_true_is_a_fault(full, monkeypatch, words):
    told(monkeypatch, *words)
    assert faults_of_grab(full) == ["those who were told to have a place are not those who have one"]


def test_a_page_that_says_neither_is_a_fault(full, monkeypatch):
    told(monkeypatch, "mine", "mine", "neither")
    assert faults_of_grab(full) == ["an answer says neither that a place is theirs nor that all are taken"]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("接单成功：明天 09:00，文化家园。", "mine"),
        ("名额已满。", "full"),
        ("接单成功：明天 09:00，文化家园。名额已满。", "neither"),
        ("系统繁忙", "neither"),
    ],
)
def test_a_page_is_read_as_its_member_reads_it(page, says):
    assert storms.what_it_says(page) == says


def test_every_tap_of_one_member_has_to_say_that_it_is_theirs(full, monkeypatch):
    full.claims.filter(member=full.people[1].key).delete()
    Shift.objects.update(taken=1)
    taps = answered(302, 302)
    told(monkeypatch, "mine", "mine")
    assert storms.faults_of_double_taps(PORT, full.shift.pk, full.people[0], taps) == []
    told(monkeypatch, "mine", "full")
    assert storms.faults_of_double_taps(PORT, full.shift.pk, full.people[0], taps) == [
        "an answer does not say that the place is theirs"
    ]


def test_where_there_are_places_enough_a_tap_that_is_no_claim_is_a_fault(full):
    assert storms.faults_of_taps(answered(302, 302), [full.shift.pk]) == []
    assert storms.faults_of_taps(answered(302, 302, 302), [full.shift.pk]) == ["not every tap has become a claim"]


def test_a_group_has_all_its_places_and_is_led_to_them_or_has_none_and_reads_why(cast):
    world = group_world(cast, capacity=3)
    mine = claim_together(world)
    others = [Person(neighbour(cast).member.pk, cast.community.pk, {}, "")]
    teams = [
        Team(world.group.pk, [Person(member.pk, cast.community.pk, {}, "") for member in world.people]),
        Team(world.group.pk + 1, others),
    ]

    def faults(*answers: Answer, teams: list[Team] = teams) -> list[str]:
        return storms.faults_of_groups(world.shift.pk, teams, Answers(1, list(answers)), places=3)

    led, refused = Answer(302, 0.1, mine.page), Answer(200, 0.1, text="名额已满。")
    assert faults(led, refused) == []
    [fault] = faults(led, Answer(200, 0.1, text="系统繁忙"))
    assert fault.startswith("an answer does not say why not")
    assert faults(refused, refused) == ["those who were led to their places are not those who have some"]
    torn = [teams[0], Team(teams[1].key, [*others, teams[0].people[0]])]
    assert faults(led, refused, teams=torn) == ["a group has been torn apart"]
