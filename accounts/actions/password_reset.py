from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import User


@transaction.atomic
def issue_password_reset(user: User, *, by: Actor) -> str:
    """The address of a page where `user` sets a new password: once, and within PASSWORD_RESET_TIMEOUT.

    For a city without an SMS gateway (domain.md, log-in). Whoever issues it never learns the new password.
    """
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    record(user, "reset issued", by=by)
    return get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}")
