from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.models import Organization
from accounts.queries.organization import proposed_code
from vanguard.lib.choosing import offer

Kind = Organization.Kind
ADDED_BY_THE_CITY = [kind for kind in Kind if kind != Kind.CITY]


class OrganizationForm(forms.ModelForm):
    """Name, telephone and address; a work unit's category."""

    class Meta:
        model = Organization
        fields = ["name", "category", "phone", "address"]
        widgets = {"phone": forms.TextInput(attrs={"type": "tel", "inputmode": "tel"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fit(self.instance.kind)

    def fit(self, kind: str) -> None:
        """Ask for a category where there is one."""
        if kind == Kind.WORK_UNIT:
            self.fields["category"].required = True
        else:
            del self.fields["category"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def _post_clean(self) -> None:
        """The action writes, and says what the database would refuse."""


class NewOrganizationForm(OrganizationForm):
    parent = forms.ModelChoiceField(Organization.objects.none(), label=_("Below"))
    code = forms.CharField(label=_("Code"), max_length=20)
    field_order = ["parent", "category", "name", "code"]

    def __init__(self, *args: Any, kind: Kind, actor: Actor, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)
        parents = Organization.objects.governed_by(actor).in_use().filter(kind=Organization.PARENT_KIND[kind])
        offer(self, "parent", parents.order_by("parent__path", "name"), empty=_("Choose"))
        code = self.fields["code"]
        code.initial = proposed_code(kind)
        if kind == Kind.COMMUNITY:
            code.help_text = _("Six digits for the poster: public, and never changed. This one is free.")
            code.validators.append(RegexValidator(r"\A[0-9]{6}\Z", _("A community's code is six digits.")))
        else:
            code.help_text = _("Letters, digits and hyphens. This one is free; any other that is free will do.")
            code.validators.append(RegexValidator(r"\A[A-Za-z0-9-]+\Z", _("Use letters, digits and hyphens only.")))

    def fit(self, kind: str) -> None:
        super().fit(self.kind)


class MergeForm(forms.Form):
    understood = forms.BooleanField(label=_("I have read what happens. It cannot be taken back."))


class IntoForm(forms.Form):
    """Which community to merge into; asked by GET, so that the preview has an address."""

    into = forms.ModelChoiceField(Organization.objects.none(), label=_("Merge into"))

    def __init__(self, *args: Any, old: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Organization.objects.governed_by(actor).communities().in_use().within(old.city_path)
        offer(self, "into", others.exclude(pk=old.pk).order_by("name"), empty=_("Choose"))


def kind_asked(query: QueryDict, parent: Organization | None = None) -> Kind:
    """The kind that the address asks for, as far as the city adds such and it may stand below the parent."""
    kinds = [kind for kind in ADDED_BY_THE_CITY if not parent or Organization.PARENT_KIND[kind] == parent.kind]
    return next((kind for kind in kinds if kind == query.get("kind")), (kinds or ADDED_BY_THE_CITY)[0])
