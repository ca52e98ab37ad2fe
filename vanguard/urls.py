from allauth.account import views as account
from django.urls import include, path, re_path, reverse_lazy

from accounts.admin.site import site
from vanguard.health import HealthView

urlpatterns = [
    path("", include("flags.urls")),
    path("", include("tasks.urls")),
    path("", include("accounts.urls")),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    re_path(
        r"^accounts/password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.PasswordResetFromKeyView.as_view(success_url=reverse_lazy("account_login")),
        name="account_reset_password_from_key",
    ),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("admin/", site.urls),
    path("healthz", HealthView.as_view(), name="healthz"),
]
