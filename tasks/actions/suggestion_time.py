"""Who is told that a suggestion waits too long: whoever is to answer it first, then the street, which reads no words."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import write_notices
from accounts.models import Notice, Organization, Role, User
from accounts.queries.appointment import people_of
from tasks.actions.lateness import Chase, People
from tasks.actions.time import once_a_day
from tasks.models import Suggestion
from tasks.queries.suggestion import unanswered_for


def chase_late_suggestions() -> None:
    """Once a day, from the morning on: whoever leaves a suggestion unanswered is told, each person once."""
    once_a_day("chase_suggestions", _chase)


def _chase() -> None:
    within, street_after = settings.SUGGESTION_ANSWER_WITHIN, settings.SUGGESTION_STREET_AFTER
    late = Suggestion.objects.filter(unanswered_for(min(within, street_after))).with_all().defer("text")
    suggestions = list(late.order_by("pk"))
    people = _people_for(suggestions)
    chase: Chase[Suggestion] = Chase(
        within=within,
        street_after=street_after,
        kind=Notice.Kind.SUGGESTION_LATE,
        street_kind=Notice.Kind.SUGGESTION_LATE_STREET,
        page="suggestion",
        handlers=lambda suggestion: _handlers(suggestion, people),
        street_link=lambda community: reverse("community", args=[community.code]),
    )
    write_notices(chase.notices(suggestions, people))


def _people_for(suggestions: list[Suggestion]) -> People:
    """Who answers in each community, and who acts for each street and city."""
    communities = {suggestion.community.community for suggestion in suggestions}
    streets = {place.parent_id for place in communities if place.parent_id}
    places = {place.pk for place in communities} | streets | {_city_of(place) for place in communities}
    roles = [*roles_with(Ability.ANSWER_SUGGESTIONS), Role.STREET_OFFICER, *roles_with(Ability.STAND_IN)]
    return people_of(places, roles=roles, day=timezone.localdate())


def _handlers(suggestion: Suggestion, people: People) -> list[User]:
    """Nobody answers their own: of the only secretary it is the city's."""
    community = suggestion.community.community
    staff = people.get(community.pk, [])
    others = [user for user in staff if not suggestion.is_of(user)]
    return others if others or not staff else people.get(_city_of(community), [])


def _city_of(place: Organization) -> int:
    """Its key: paths are made of keys."""
    return int(place.city_path.rstrip("/"))
