from django import forms
from django.utils.translation import gettext_lazy as _

from tasks.models import AnswerTemplate


class AnswerTemplateForm(forms.ModelForm):
    """Words to keep for next time."""

    purpose = forms.ChoiceField(label=_("What for?"), choices=[("", _("Choose")), *AnswerTemplate.Purpose.choices])

    class Meta:
        model = AnswerTemplate
        fields = ["purpose", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
