from django import forms

from accounts.models import Feedback


class FeedbackForm(forms.ModelForm):
    class Meta:
        model = Feedback
        fields = ["text", "page"]
        widgets = {"text": forms.Textarea(attrs={"rows": 5}), "page": forms.HiddenInput()}
