from typing import Any

from allauth.account import auth_backends

from accounts.models import User


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    """Log-in as allauth has it. The person of each request comes with the member they are and where that one lives."""

    def get_user(self, user_id: Any) -> User | None:
        try:
            user = User.objects.select_related("member__home").get(pk=user_id)
        except User.DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None
