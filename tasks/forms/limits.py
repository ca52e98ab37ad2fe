"""Numbers with a least and a most: the browser knows them, and what lies outside is refused in the action's words."""

from django import forms

from tasks.refusals import Reason


def say_limits(form: forms.BaseForm, name: str, least: int, most: int) -> None:
    """Let the browser know them; the sentence about what lies outside is the form's own."""
    form.fields[name].validators = []
    form.fields[name].widget.attrs.update(min=least, max=most, inputmode="numeric")


def within(value: int | None, least: int, most: int, reason: Reason) -> int | None:
    """The number, if there is one; outside the limits it is refused in the words of the action."""
    if value is not None and not least <= value <= most:
        raise forms.ValidationError(reason.label, params={"most": most})
    return value
