"""The matters for which a city's communities may award a flag: a list that the city keeps."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import Organization
from flags.models import AwardMatter
from flags.queries.deadline import is_city_of
from flags.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def keep_matter(
    matter: AwardMatter | None, *, name: str, since: date | None, until: date | None, by: Actor
) -> AwardMatter:
    """Put a matter on the city's list, or change its name and days; what was awarded for it stays.

    Only the city does. Refused: no name or one that is on the list, and a last day before the first one.
    """
    city, name = by.organization, name.strip()
    if city is None or not is_city_of(by, city.path) or (matter and matter.city_id != city.pk):
        raise PermissionDenied
    (city,) = Organization.objects.for_change(city)  # two of one name at once, one after the other
    there = AwardMatter.objects.filter(city=city, name=name).first()
    if not name or there not in (None, matter):
        raise Refused(Reason.MATTER_NAMED_ALREADY, name=name)
    if since and until and until < since:
        raise Refused(Reason.MATTER_DAYS_WRONG)
    if matter is None:
        matter = AwardMatter.objects.create(city=city, name=name, since=since, until=until)
        record(matter, "added", by=by)
        return matter
    said = f"{matter.name} {matter.since or ''}–{matter.until or ''}"
    matter.name, matter.since, matter.until = name, since, until
    matter.save(update_fields=["name", "since", "until"])
    record(matter, "changed", by=by, why=said)
    return matter
