from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from vanguard.lib import guards


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and organizations")

    def ready(self) -> None:
        guards.append_only("accounts_record")
