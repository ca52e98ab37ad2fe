import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from vanguard.lib.phone import PhoneField, clean_phone


class AccountAdapter(DefaultAccountAdapter):
    """Log-in with phone and password, on `User.phone`. No SMS is sent unless a city adds a gateway."""

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**{**kwargs, "label": _("Mobile phone")})

    def clean_phone(self, phone: str) -> str:
        return clean_phone(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        user.phone = phone
        user.save(update_fields=["phone"])

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Nothing to keep: without a gateway no number is verified by SMS; the community checks it by hand."""

    def get_user_by_phone(self, phone: str) -> User | None:
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        raise NotImplementedError("This platform has no SMS gateway; ACCOUNT_PHONE_VERIFICATION_ENABLED is off.")

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """People log in by phone; the username only has to be there and to say nothing."""
        user.username = user.username or f"u{secrets.token_hex(6)}"
