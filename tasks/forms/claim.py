from django import forms
from django.utils.translation import gettext_lazy as _


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=_("Why can you not come?"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
