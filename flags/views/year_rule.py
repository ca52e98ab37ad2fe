"""The rule of a city's year: what it asks for, what a change would do, and who changed it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.actions.report import require_unlocked
from flags.actions.year_rule import require_sound, set_rule
from flags.forms.year_rule import YearRuleForm
from flags.queries.year import is_locked
from flags.queries.year_rule import changes_of_rule, preview, rule_seen, years_with_rules
from tasks.models import YearRule
from vanguard.lib.refused import Refused


def year_rule(request: Request, year: int | None = None) -> HttpResponse:
    """The rule with its form; sent with “preview” it says what it would do, sent with “save” it holds."""
    request.actor.require(Ability.KEEP_RULE)
    city, year = request.actor.organization, year or timezone.localdate().year
    assert city is not None, "whoever keeps the rule acts for a city"
    if year not in years_with_rules(city):
        raise Http404
    rule = YearRule.of(city.path, year)
    form = YearRuleForm(request.POST or None, rule=rule)
    context = {"form": form, "faster": False}
    if request.method == "POST" and form.is_valid():
        try:
            if "preview" in request.POST:
                require_unlocked(city.path, year)
                require_sound(form.as_rule(year), rule.deadline)
                context["preview"] = preview(city, year, form.as_rule(year))
            else:
                set_rule(city, year, by=request.actor, seen=form.cleaned_data["seen"], **form.asked)
                messages.success(request, _("The rule holds from now on. Drafts follow it when they are built next."))
                return redirect("year_rule_of", year)
        except Refused as refused:
            context["faster"] = form.refuse(refused, now=rule_seen(rule))
    return render(request, "flags/year_rule/page.html", context | _of_year(city, year, rule))


def _of_year(city: Organization, year: int, rule: YearRule) -> dict[str, object]:
    return {
        "city": city,
        "year": year,
        "years": years_with_rules(city),
        "rule": rule,
        "locked": is_locked(city.path, year),
        "changes": changes_of_rule(rule)[:10] if rule.pk else [],
    }
