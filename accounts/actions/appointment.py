from datetime import date

from django.db import transaction

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import Appointment, Organization, Role, User
from accounts.models.appointment import KIND_OF_ROLE
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def appoint(user: User, organization: Organization, role: Role, *, starts_on: date, by: Actor) -> Appointment:
    """Let `user` act for `organization`; refused where the role does not go with that kind of organization."""
    if KIND_OF_ROLE[Role(role)] != organization.kind:
        raise Refused(Reason.WRONG_KIND)
    appointment = Appointment.objects.create(user=user, organization=organization, role=role, starts_on=starts_on)
    record(appointment, "appointed", by=by)
    return appointment
