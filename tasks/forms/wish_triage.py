from django import forms
from django.utils.translation import gettext_lazy as _


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why not? The resident reads this."), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
