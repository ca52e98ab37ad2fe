import secrets

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import User
from accounts.refusals import Reason
from vanguard.lib.naming import clean_name
from vanguard.lib.refused import Refused


@transaction.atomic
def person_with(*, name: str, phone: str, by: Actor) -> User:
    """The person of that name whose phone it is; an account without a password is made where there is none.

    Refused: a phone that belongs to somebody of another name, who is not named here, and a closed account.
    """
    made = {"name": name, "username": f"u{secrets.token_hex(6)}", "password": make_password(None)}
    user, is_new = User.objects.get_or_create(phone=phone, defaults=made)
    if is_new:
        record(user, "account made", by=by)
    if _one_way(user.name) != _one_way(name):
        raise Refused(Reason.OTHER_NAME, phone=phone)
    if not user.is_active:
        raise Refused(Reason.ACCOUNT_CLOSED, name=user)
    return user


def _one_way(name: str) -> str:
    """Names from before they were written one way, or that no name is, are compared as they stand."""
    try:
        return clean_name(name)
    except ValidationError:
        return name
