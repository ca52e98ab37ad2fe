from datetime import date
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.check_in import new_member_number
from accounts.admin.base import OneKindOfOrganization, PeriodForm, ReadOnlyAdmin, RecordedAdmin
from accounts.admin.site import register
from accounts.models import DistinctMembers, Exemption, Member, PastRetirement, UnitMembership


class MembershipForm(PeriodForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("starts_on") and cleaned.get("starts_on") == cleaned.get("ends_on"):
            self.add_error("ends_on", _("The first day no longer in the unit comes after the first day in it."))
        return cleaned


class MembershipFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        """One unit at a time, so that December 31 names one."""
        super().clean()
        periods = sorted(
            (form.cleaned_data["starts_on"], form.cleaned_data["ends_on"] or date.max)
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("starts_on") and not form.cleaned_data["DELETE"]
        )
        if any(ends > starts for (_begin, ends), (starts, _end) in pairwise(periods)):
            raise ValidationError(_("A member is in one unit at a time: end one membership before the next begins."))


class MembershipInline(OneKindOfOrganization, admin.TabularInline):
    model = UnitMembership
    form = MembershipForm
    formset = MembershipFormSet
    autocomplete_fields = ["unit"]
    extra = 0


class ExemptionInline(admin.TabularInline):
    model = Exemption
    form = PeriodForm
    extra = 0


@register(Member)
class MemberAdmin(RecordedAdmin):
    """The home comes from an approved check-in and the number is drawn: neither is typed."""

    list_display = ["user", "number", "unit_today", "home", "retired_on"]
    list_filter = [("home", admin.EmptyFieldListFilter), ("retired_on", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "home"]
    search_fields = ["user__name", "^user__phone", "^number"]
    search_help_text = _("Name, phone or member number")
    autocomplete_fields = ["user"]
    fields = ["user", "number", "home", "retired_on"]
    inlines = [MembershipInline, ExemptionInline]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        today = UnitMembership.objects.on(timezone.localdate()).filter(member=OuterRef("pk"))
        return super().get_queryset(request).annotate(unit_name=Subquery(today.values("unit__name")[:1]))

    @admin.display(description=_("work unit"))
    def unit_today(self, member: Any) -> str | None:
        return member.unit_name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["number", "home", *(["user"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        if not change:
            obj.number = new_member_number()
        super().save_model(request, obj, form, change)

    def choice_label(self, obj: Member) -> str:
        return f"{obj} · {obj.number}"


@register(UnitMembership)
class UnitMembershipAdmin(ReadOnlyAdmin):
    """Changed on the member's page, where all the memberships of one member stand together."""

    list_display = ["member", "unit", "starts_on", "ends_on"]
    list_filter = [("ends_on", admin.EmptyFieldListFilter)]
    list_select_related = ["member__user", "unit"]
    search_fields = ["member__user__name", "^member__number", "unit__name", "^unit__code"]


@register(Exemption)
class ExemptionAdmin(RecordedAdmin):
    form = PeriodForm
    list_display = ["member", "reason", "starts_on", "ends_on"]
    list_filter = ["reason"]
    list_select_related = ["member__user"]
    search_fields = ["member__user__name", "^member__number"]
    autocomplete_fields = ["member"]
    date_hierarchy = "starts_on"


@register(PastRetirement)
class PastRetirementAdmin(ReadOnlyAdmin):
    """Written when a member who had retired works again."""

    list_display = ["member", "starts_on", "ends_on"]
    list_select_related = ["member__user"]
    search_fields = ["member__user__name", "^member__number"]


@register(DistinctMembers)
class DistinctMembersAdmin(ReadOnlyAdmin):
    """Said by the city; who said so is in the records."""

    list_display = ["first", "second", "said_at"]
    list_select_related = ["first__user", "second__user"]
    search_fields = ["first__user__name", "^first__number", "^second__number"]
