from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from accounts.refusals import Reason as AccountsReason
from flags.actions.report import require_unlocked
from flags.queries.year_rule import KEPT, rule_seen, years_with_rules
from flags.refusals import Reason
from tasks.models import YearRule
from tasks.models.task import FLAGS_AT_MOST
from vanguard.lib.refused import Refused


@transaction.atomic
def set_rule(city: Organization, year: int, *, by: Actor, seen: str | None = None, **asked: Any) -> YearRule:
    """Set what a city asks for in a year: any of `KEPT`, the others stay (domain rule 7). Old and new are recorded.

    Refused: a year that is locked, or that the city's page does not offer; a minimum below 1; limits out of order; a
    deadline within the year, and a new one in the past; and where the rule is not `seen` any more.
    """
    by.require_governing(Ability.KEEP_RULE, city)
    (city,) = Organization.objects.for_change(city)
    require_unlocked(city.path, year)
    if not by.administers and year not in years_with_rules(city):
        raise Refused(Reason.RULE_TOO_EARLY)
    rule = YearRule.of(city.path, year)
    if seen is not None and seen != rule_seen(rule):
        raise Refused(AccountsReason.STATE_CHANGED)
    former = {name: getattr(rule, name) for name in KEPT}
    for name in KEPT:
        setattr(rule, name, asked.get(name, former[name]))
    require_sound(rule, former["deadline"])
    changed = [name for name in KEPT if getattr(rule, name) != former[name]]
    if changed or rule.pk is None:
        rule.city = city
        rule.save()
        record(rule, "rule set", by=by, why="; ".join(_change(rule, name, former[name]) for name in changed))
    return rule


def require_sound(rule: YearRule, former_deadline: date | None) -> None:
    """Refuse a rule that no year can have; a deadline that was set before may lie in the past by now."""
    if rule.minimum < 1:
        raise Refused(Reason.MINIMUM_BELOW_ONE)
    if not 1 <= rule.community_value_at_most <= rule.city_value_at_most <= FLAGS_AT_MOST:
        raise Refused(Reason.LIMITS_OUT_OF_ORDER)
    if rule.deadline and rule.deadline.year <= rule.year:
        raise Refused(Reason.DEADLINE_WITHIN_YEAR, year=rule.year)
    if rule.deadline and rule.deadline != former_deadline and rule.deadline < timezone.localdate():
        raise Refused(Reason.DEADLINE_PAST)


def _change(rule: YearRule, name: str, former: Any) -> str:
    """What it is called, with the old and the new value."""
    field: Any = rule._meta.get_field(name)
    return f"{field.verbose_name}: {_said(former)} → {_said(getattr(rule, name))}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value is None else str(localize(value)) if isinstance(value, int) else value.isoformat()
