"""Until when services of a year are confirmed by the community (domain rule 7); after that it is the city's."""

from django.utils import timezone

from tasks.models import YearRule


def past_years_in_time(city_path: str) -> list[int]:
    """The years before this one whose deadline is still to come: in January the last one, and what a rule gives longer."""
    today = timezone.localdate()
    rules = YearRule.objects.filter(city__path=city_path, year__lt=today.year, deadline__isnull=False)
    last = YearRule(year=today.year - 1)
    by_year = {last.year: last, **{rule.year: rule for rule in rules}}
    return [year for year, rule in by_year.items() if today <= rule.confirm_by]


def is_in_time(city_path: str, year: int) -> bool:
    """Whether the community still confirms what was done in `year`."""
    return year >= timezone.localdate().year or year in past_years_in_time(city_path)
