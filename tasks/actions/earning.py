"""What is earned besides services: tasks says that it was confirmed or adopted, the app that keeps the ledger writes it."""

from collections.abc import Callable

from accounts.access import Actor
from tasks.models import StewardLog, Suggestion

LogRule = Callable[[StewardLog, Actor, str], None]
SuggestionRule = Callable[[Suggestion, Actor], None]
LOG_RULES: list[LogRule] = []
SUGGESTION_RULES: list[SuggestionRule] = []


def when_log_confirmed(rule: LogRule) -> None:
    """Let the app above write, in the same transaction, what a confirmed log earns; `rule` may refuse."""
    LOG_RULES.append(rule)


def when_suggestion_adopted(rule: SuggestionRule) -> None:
    """Let the app above write, in the same transaction, what an adopted suggestion earns."""
    SUGGESTION_RULES.append(rule)


def log_confirmed(log: StewardLog, by: Actor, why: str) -> None:
    for rule in LOG_RULES:
        rule(log, by, why)


def suggestion_adopted(suggestion: Suggestion, by: Actor) -> None:
    for rule in SUGGESTION_RULES:
        rule(suggestion, by)
