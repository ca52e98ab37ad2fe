"""What is measured, again and again in turn, so that what else the machine does meets all of it alike."""

import statistics
from collections import defaultdict

from bench import city, pgbench, storms
from bench.city import Person
from bench.phones import Ask, ask_all
from servers import postgres

ROUNDS = 3
SLICES = 4  # of a round
PLACES = 50
SHIFTS = 1_000
PEOPLE = 2_000
TEAMS, TEAM_SIZE = 60, 5
PHONES = 16  # twice as many as the server has threads: it never waits for us


class Rounds:
    def __init__(self, port: int, database: list[str]) -> None:
        self.port, self.database = port, database
        self.people = city.signed_in(PEOPLE)
        self.teams = city.teams(self.people, TEAMS, size=TEAM_SIZE)
        self.shifts = city.shifts(SHIFTS, places=10_000)
        self.figures: dict[str, list[float]] = defaultdict(list)
        self.faults: dict[str, list[list[str]]] = defaultdict(list)

    def median(self, name: str) -> float:
        return statistics.median(self.figures[name])

    def warm_up(self) -> None:
        """What is loaded and planned once is not the cost of a tap."""
        self.yardstick(self.people)
        self.sustained("spread", self.people, self.shifts)
        self.figures.clear()
        self.faults.clear()

    def go(self) -> str:
        """One round; its last figures, to be read while the next one runs."""
        for n in range(SLICES):
            people = self.people[n::SLICES]
            self.yardstick(people)
            self.storm(people[:300])
            self.sustained("spread", people, self.shifts[n::SLICES])
            self.sustained("one shift", people, self.shifts[n : n + 1])
            self.pgbench()
        self.storm(self.people[:1_000])
        self.group_storm()
        self.double_taps(self.people[0])
        return ", ".join(f"{name} {figures[-1]:.4g}" for name, figures in self.figures.items())

    def yardstick(self, people: list[Person]) -> None:
        answers = ask_all(self.port, [Ask("/yardstick/", person.cookies) for person in people], phones=PHONES)
        assert {answer.status for answer in answers.each} == {200}
        self.figures["yardstick"].append(answers.a_second)

    def storm(self, people: list[Person]) -> None:
        """Everybody at once on far fewer places."""
        name, [shift] = f"{len(people)} on {PLACES}", city.shifts(1, places=PLACES)
        answers = storms.grab(self.port, shift, people)
        self.figures[name].append(answers.slowest_hundredth)
        self.faults[name].append(storms.faults_of_grab(self.port, shift, people, answers, places=PLACES))
        city.empty_again()

    def group_storm(self) -> None:
        name, [shift] = f"{TEAMS} groups of {TEAM_SIZE} on {PLACES}", city.shifts(1, places=PLACES)
        answers = storms.grab_for_groups(self.port, shift, self.teams)
        self.figures[name].append(answers.slowest_hundredth)
        self.faults[name].append(storms.faults_of_groups(shift, self.teams, answers, places=PLACES))
        city.empty_again()

    def double_taps(self, person: Person) -> None:
        """Fifty taps of one member at once are one claim, and every answer says that it is theirs."""
        name, [shift] = "50 of one member", city.shifts(1, places=PLACES)
        answers = storms.grab(self.port, shift, [person] * 50)
        self.figures[name].append(answers.slowest_hundredth)
        self.faults[name].append(storms.faults_of_double_taps(self.port, shift, person, answers))
        city.empty_again()

    def sustained(self, name: str, people: list[Person], shifts: list[int]) -> None:
        """As many taps as the server takes, and every one of them is a claim."""
        taps = [storms.tap(person, shifts[i % len(shifts)]) for i, person in enumerate(people)]
        answers = ask_all(self.port, taps, phones=PHONES)
        self.figures[name].append(answers.a_second)
        self.faults[name].append(storms.faults_of_taps(answers, shifts))
        city.empty_again()

    def pgbench(self) -> None:
        self.figures["pgbench"].append(pgbench.claims_a_second(postgres.programs(), self.database, self.shifts))
        city.empty_again()
