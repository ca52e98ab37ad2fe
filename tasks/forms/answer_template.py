from django import forms

from tasks.models import AnswerTemplate


class AnswerTemplateForm(forms.ModelForm):
    """Words to keep for next time."""

    class Meta:
        model = AnswerTemplate
        fields = ["purpose", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}
