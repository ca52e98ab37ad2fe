"""Who still lacks flags this year: tasks asks, the app that keeps the ledger answers when it starts."""

from collections.abc import Callable

from accounts.models import Member

Rule = Callable[[Member, int], bool]
RULES: list[Rule] = []


def decided_by(rule: Rule) -> None:
    """Let the app above say whether a member still lacks flags in a year."""
    RULES.append(rule)


def still_lacks_flags(member: Member, year: int) -> bool:
    """Whether some rule says so; without any, nobody lacks what nobody counts."""
    return any(rule(member, year) for rule in RULES)
