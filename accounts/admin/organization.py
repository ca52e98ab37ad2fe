from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.community import merge_community
from accounts.actions.organization import (
    add_organization,
    change_organization,
    close_organization,
    reopen_organization,
)
from accounts.admin.base import KIND_OF_FIELD, AdminForm, RecordedAdmin, administrator
from accounts.admin.site import register
from accounts.models import Organization
from accounts.refusals import Reason
from vanguard.lib.choosing import offer
from vanguard.lib.refused import Refused

Kind = Organization.Kind


def is_to_merge(organization: Organization) -> bool:
    """Whether it may become part of another one: a community in use."""
    return organization.pk is not None and organization.kind == Kind.COMMUNITY and organization.closed_on is None


class OrganizationForm(AdminForm):
    closed = forms.BooleanField(
        label=_("closed"), required=False, help_text=_("Ticking it closes it today, with the appointments there.")
    )
    into = forms.ModelChoiceField(
        Organization.objects.none(),
        label=_("Merge into"),
        required=False,
        help_text=_(
            "Closes it today. Its members, check-ins, compounds and roster lines pass to the community that you choose; "
            "its flags stay where they were earned. This cannot be taken back."
        ),
    )
    beside: ClassVar[dict[TextChoices, str]] = dict.fromkeys(
        (Reason.SAME_COMMUNITY, Reason.ONLY_COMMUNITIES, Reason.ORGANIZATION_CLOSED, Reason.OTHER_CITY), "into"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed"].initial = self.instance.closed_on is not None
        if is_to_merge(self.instance):
            others = Organization.objects.communities().in_use().within(self.instance.city_path)
            offer(self, "into", others.exclude(pk=self.instance.pk).order_by("name"), empty="---------")
        else:
            del self.fields["into"]

    def clean(self) -> dict[str, Any]:
        """Says beside the field what the action and the database would refuse."""
        cleaned = super().clean()
        kind = cleaned.get("kind", self.instance.kind)
        if kind and "parent" in self.fields and "parent" not in self.errors:
            self._check_parent(Kind(kind), cleaned.get("parent"))
        if kind and "category" not in self.errors and (kind == Kind.WORK_UNIT) != bool(cleaned.get("category")):
            self.add_error("category", _("A work unit has a category, no other organization has one."))
        if (
            kind == Kind.COMMUNITY
            and "code" in cleaned
            and not (cleaned["code"].isascii() and cleaned["code"].isdecimal() and len(cleaned["code"]) == 6)
        ):
            self.add_error("code", _("A community's code has six digits."))
        return cleaned

    def _check_parent(self, kind: Kind, parent: Organization | None) -> None:
        if (parent.kind if parent else None) != Organization.PARENT_KIND[kind]:
            self.add_error("parent", Refused(Reason.WRONG_PARENT, kind=kind.label).sentence)


@register(Organization)
class OrganizationAdmin(RecordedAdmin):
    """Added under a parent that stays; closed or merged, never deleted."""

    form = OrganizationForm
    list_display = ["name", "kind", "category", "parent", "code", "closed_on"]
    list_filter = ["kind", "category", ("closed_on", admin.EmptyFieldListFilter)]
    list_select_related = ["parent"]
    search_fields = ["name", "^code"]
    search_help_text = _("Name or code")
    autocomplete_fields = ["parent"]
    fields = ["kind", "parent", "category", "name", "code", "phone", "address"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if obj is None:
            return self.fields
        end = ["closed", "into"] if is_to_merge(obj) else ["closed"]
        return [*self.fields, *end, "closed_on", "merged_into", "path"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        stays = ["kind", "parent", "closed_on", "merged_into", "path"]
        return [*stays, "code"] if obj.kind == Kind.COMMUNITY else stays

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        by, typed = administrator(request), dict(form.cleaned_data)
        closed, into = typed.pop("closed", False), typed.pop("into", None)
        if change:
            change_organization(obj, by=by, **typed)
            if into:  # which closes it as well
                merge_community(obj, into=into, by=by)
            elif "closed" in form.changed_data:
                (close_organization if closed else reopen_organization)(obj, by=by)
            return
        added = add_organization(by=by, **typed)
        obj.pk, obj.path = added.pk, added.path
        obj._state.adding = False

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet, search_term: str
    ) -> tuple[models.QuerySet, bool]:
        """An autocomplete for a unit offers units, one for a city offers cities."""
        kind = KIND_OF_FIELD.get(request.GET.get("field_name", ""))
        if kind:
            queryset = queryset.filter(kind=kind)
        return super().get_search_results(request, queryset, search_term)

    def choice_label(self, obj: Organization) -> str:
        return f"{obj.name} · {obj.code}"
