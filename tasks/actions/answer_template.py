"""The words that a community often says to residents."""

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from tasks.models import AnswerTemplate
from tasks.queries.answer_template import templates_for
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def add_template(organization: Organization, *, purpose: str, text: str, by: Actor) -> None:
    """Keep words for next time; refused without any, and where the community or its city has them already."""
    by.require(Ability.HANDLE_WISHES, organization)
    if not text.strip():
        raise Refused(Reason.TEMPLATE_MISSING)
    if not remember_words(organization, purpose=purpose, text=text, by=by):
        raise Refused(Reason.WORDS_KEPT_ALREADY)


@transaction.atomic
def remember_words(organization: Organization, *, purpose: str, text: str, by: Actor) -> bool:
    """As `add_template`, but says with False that they are there already."""
    by.require(Ability.HANDLE_WISHES, organization)
    words = text.strip()
    if templates_for(organization, purpose).filter(text=words).exists():
        return False
    template, added = AnswerTemplate.objects.get_or_create(organization=organization, purpose=purpose, text=words)
    if added:
        record(template, "added", by=by)
    return added


@transaction.atomic
def remove_template(template: AnswerTemplate, *, by: Actor) -> None:
    """Only the community's own; the city's are the administrator's."""
    by.require(Ability.HANDLE_WISHES, template.organization)
    record(template, "removed", by=by, why=template.text)
    template.delete()
