"""Storms on a shift, and what they must leave: the database and the answers of the members have to tell the same."""

from collections import Counter

from bench.city import Person, Team
from bench.phones import Answers, Ask, ask_all

READERS = 16  # phones that read the pages afterwards


def tap(person: Person, shift: int) -> Ask:
    return Ask(f"/shifts/{shift}/claim/", person.cookies, {"csrfmiddlewaretoken": person.token})


def grab(port: int, shift: int, people: list[Person]) -> Answers:
    """Each of `people` taps once, all in the same moment."""
    return ask_all(port, [tap(person, shift) for person in people], phones=len(people))


def faults_of_grab(port: int, shift: int, people: list[Person], answers: Answers, *, places: int) -> list[str]:
    """What is wrong after each of `people` has tapped; nothing, if all is as it must be."""
    if faults := faults_of_answers(answers):
        return faults
    said = what_the_pages_say(port, people, answers)
    told = {person.key for person, words in zip(people, said, strict=True) if words == "mine"}
    faults = faults_of_places(shift, places)
    if "neither" in said:
        faults.append("an answer says neither that a place is theirs nor that all are taken")
    if told != set(holders_of([shift])):
        faults.append("those who were told to have a place are not those who have one")
    return faults


def faults_of_double_taps(port: int, shift: int, person: Person, answers: Answers) -> list[str]:
    faults = faults_of_grab(port, shift, [person] * len(answers.each), answers, places=1)
    if set(what_the_pages_say(port, [person] * len(answers.each), answers)) != {"mine"}:
        faults.append("an answer does not say that the place is theirs")
    return faults


def faults_of_taps(answers: Answers, shifts: list[int]) -> list[str]:
    """Where there are places enough, every tap is a claim."""
    faults = faults_of_answers(answers)
    if len(holders_of(shifts)) != len(answers.each):
        faults.append("not every tap has become a claim")
    return faults


def faults_of_answers(answers: Answers) -> list[str]:
    statuses = Counter(answer.status for answer in answers.each)
    return [] if set(statuses) == {302} else [f"answers by status: {dict(statuses)}"]


def faults_of_places(shift: int, places: int) -> list[str]:
    from tasks.models import Shift

    holders, taken = holders_of([shift]), Shift.objects.values_list("taken", flat=True).get(pk=shift)
    faults = {
        f"{len(holders)} places are taken instead of {places}": len(holders) != places,
        "somebody has two places": len(set(holders)) != len(holders),
        f"the shift counts {taken} places and has {len(holders)} claims": taken != len(holders),
        "a claim is without its record or its notice": not has_records_and_notices(shift),
    }
    return [words for words, is_so in faults.items() if is_so]


def holders_of(shifts: list[int]) -> list[int]:
    from tasks.models import Claim

    return list(Claim.objects.filter(shift__in=shifts).occupying().values_list("member", flat=True))


def has_records_and_notices(shift: int) -> bool:
    """Whether each claim has one of each."""
    from accounts.models import Notice, Record
    from tasks.models import Claim

    claims = list(Claim.objects.filter(shift=shift).occupying())
    records = Record.objects.filter(
        verb="claimed", subject_type__model="claim", subject_id__in=[claim.pk for claim in claims]
    )
    notices = Notice.objects.filter(link__in=[claim.page for claim in claims])
    return records.count() == notices.count() == len(claims)


def what_the_pages_say(port: int, people: list[Person], answers: Answers) -> list[str]:
    """Follow each to the page that the answer leads to, as a browser does: "mine", "full" or "neither"."""
    asks = [
        Ask(answer.path, person.cookies | answer.cookies) for person, answer in zip(people, answers.each, strict=True)
    ]
    return [what_it_says(page.text) for page in ask_all(port, asks, phones=READERS).each]


def what_it_says(page: str) -> str:
    from django.utils.translation import gettext

    from tasks.refusals import Reason

    is_mine = gettext("It is yours: %(time)s, %(place)s.").partition("%")[0] in page
    if is_mine == (str(Reason.FULL.label) in page):
        return "neither"
    return "mine" if is_mine else "full"


# --- groups --------------------------------------------------------------------------------


def grab_for_groups(port: int, shift: int, teams: list[Team]) -> Answers:
    """The leader of each group claims places for all of its members, all in the same moment."""
    return ask_all(port, [tap_for_all(team, shift) for team in teams], phones=len(teams))


def tap_for_all(team: Team, shift: int) -> Ask:
    leader = team.people[0]
    form = {"csrfmiddlewaretoken": leader.token, "member": [person.key for person in team.people]}
    return Ask(f"/shifts/{shift}/group/?group={team.key}", leader.cookies, form)


def faults_of_groups(shift: int, teams: list[Team], answers: Answers, *, places: int) -> list[str]:
    """Each group has all its places and was led to them, or has none and its form says why."""
    from tasks.models import GroupClaim

    led = {team.key: answer.path for team, answer in zip(teams, answers.each, strict=True) if answer.status == 302}
    pages = {claim.group_id: claim.page for claim in GroupClaim.objects.filter(shift=shift)}
    holders = set(holders_of([shift]))
    faults = faults_of_places(shift, places)
    if led != pages:
        faults.append("those who were led to their places are not those who have some")
    if any({person.key for person in team.people} & holders for team in teams if team.key not in pages):
        faults.append("a group has been torn apart")
    refused = [answer for answer in answers.each if answer.status != 302]
    if any(answer.status != 200 or not says_too_few(answer.text) for answer in refused):
        faults.append(f"an answer does not say why not: {Counter(answer.status for answer in answers.each)}")
    return faults


def says_too_few(page: str) -> bool:
    from tasks.refusals import Reason

    return any(str(reason.label).partition("%")[0] in page for reason in (Reason.FULL, Reason.TOO_FEW_PLACES))
