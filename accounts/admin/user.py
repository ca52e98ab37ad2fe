from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.password_reset import issue_password_reset
from accounts.admin.base import RecordedAdmin, administrator
from accounts.admin.site import register
from accounts.models import User
from vanguard.lib.masking import mask_phone
from vanguard.lib.phone import PhoneField

PRIVILEGES = ["is_staff", "is_superuser", "user_permissions"]


class PersonForm(UserChangeForm):
    phone = PhoneField(required=False, empty_value=None)

    class Meta:
        model = User
        fields = "__all__"


class NewPersonForm(AdminUserCreationForm):
    phone = PhoneField(required=False, empty_value=None)

    class Meta:
        model = User
        fields = ["username", "name", "phone"]


@register(User)
class UserAdmin(RecordedAdmin, auth_admin.UserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    list_display = ["name", "masked_phone", "username", "is_active", "is_staff", "last_login"]
    list_display_links = ["name", "username"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["name", "^phone", "username"]
    search_help_text = _("Name, phone or username")
    ordering = ["-pk"]
    filter_horizontal = ["user_permissions"]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["issue_reset"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["name", "phone", "email", "language"]}),
        (_("Rights"), {"fields": ["is_active", *PRIVILEGES]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "name", "phone", "usable_password", "password1", "password2"],
            },
        )
    ]

    @admin.display(description=_("mobile phone"), ordering="phone")
    def masked_phone(self, user: User) -> str:
        return mask_phone(user.phone) if user.phone else ""

    def choice_label(self, obj: User) -> str:
        return f"{obj} · {self.masked_phone(obj) or obj.username}"

    def has_change_permission(self, request: Any, obj: User | None = None) -> bool:
        """Nobody below a superuser touches a superuser: a changed phone or password would be theirs."""
        return super().has_change_permission(request, obj) and self._reaches(request, obj)

    def has_delete_permission(self, request: Any, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._reaches(request, obj)

    def get_readonly_fields(self, request: Any, obj: User | None = None) -> list[str]:
        return [*self.readonly_fields, *([] if request.user.is_superuser else PRIVILEGES)]

    @admin.action(description=_("Issue a one-time link to set a new password"), permissions=["change"])
    def issue_reset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        """For one person at a time: the link is shown once, to be handed over in person."""
        if queryset.count() != 1:
            self.message_user(request, _("Choose one person."), messages.ERROR)
            return
        user = queryset.get()
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        link = issue_password_reset(user, by=administrator(request))
        self.message_user(
            request,
            _("Hand this link to %(name)s. It works once and is not shown again: %(link)s")
            % {"name": user, "link": link},
        )

    def _reaches(self, request: Any, user: User | None) -> bool:
        return user is None or not user.is_superuser or request.user.is_superuser
