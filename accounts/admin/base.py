"""What every page of the administrator has in common: it is recorded, and it costs the same for 1 and for 30 rows."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import Organization
from vanguard.lib.refused import Refused

# A field of this name takes organizations of one kind only, and offers no others.
KIND_OF_FIELD = {
    "unit": Organization.Kind.WORK_UNIT,
    "city": Organization.Kind.CITY,
    "community": Organization.Kind.COMMUNITY,
    "compound": Organization.Kind.SUBCOMMUNITY,
}


def administrator(request: Any) -> Actor:
    """Who acts here: the person, under no hat."""
    return Actor(user=request.user)


def changed_parts(message: Any) -> str:
    """The fields and inline rows that a change touched, without values: the record must not repeat personal data."""
    parts: list[str] = []
    for entry in message:
        for change in entry.values():
            parts += [change["name"]] if "name" in change else change.get("fields", [])
    return ", ".join(parts)


class AdminForm(forms.ModelForm):
    """Shows why an action refused, with everything that was typed still there."""

    refused: Refused | None = None
    # Beside which field a reason is said, where it concerns one only.
    beside: ClassVar[dict[TextChoices, str]] = {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.refused:
            field = self.beside.get(self.refused.reason)
            self.add_error(field if field in self.fields else None, self.refused.sentence)
        return cleaned


class PeriodForm(AdminForm):
    """`starts_on` and `ends_on` in order; the last day may be the first."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_on", self.instance.starts_on), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("The end lies before the beginning."))
        return cleaned


class OneKindOfOrganization:
    """Refuses, for a unit or a city, an organization of another kind."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Organization and db_field.name in KIND_OF_FIELD:
            kwargs["queryset"] = Organization.objects.filter(kind=KIND_OF_FIELD[db_field.name])
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class RecordedAdmin(OneKindOfOrganization, admin.ModelAdmin):
    """Every change leaves a Record in its own transaction.

    Django's own log is not written: it copies names into a table that erasing a person does not reach.
    """

    form: type[forms.ModelForm] = AdminForm
    list_select_related: ClassVar[list[str]] = []
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """With what `__str__` needs, so that lists and autocompletes ask once."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    def choice_label(self, obj: Any) -> str:
        return str(obj)

    def changeform_view(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refusal has undone the whole transaction; the page comes back with its sentence."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refused:
            request.refused = refused
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refused = getattr(request, "refused", None)
        return form

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        record(obj, "admin added", by=administrator(request))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        if message:
            record(obj, "admin changed", by=administrator(request), why=changed_parts(message))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Recorded where rows go, in the same transaction: Django calls this outside of it."""

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        record(obj, "admin deleted", by=administrator(request))
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        for obj in queryset:
            record(obj, "admin deleted", by=administrator(request))
        super().delete_queryset(request, queryset)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The records of this row, those of the platform's own actions included."""
        kind = ContentType.objects.get_for_model(self.model)
        records = reverse("admin:accounts_record_changelist")
        query = urlencode([("subject_type__id__exact", kind.pk), ("subject_id", object_id)])
        return HttpResponseRedirect(f"{records}?{query}")


class KeptAdmin(RecordedAdmin):
    """Rows with a life of their own: they come from the platform's actions and end by their states."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(KeptAdmin):
    """Ledgers, records and what the platform counts: to be read, here as everywhere."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
