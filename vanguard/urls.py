from django.contrib import admin
from django.urls import include, path

from vanguard.health import HealthView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("healthz", HealthView.as_view(), name="healthz"),
]
