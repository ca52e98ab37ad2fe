"""Words of some length: counted as people count them, and given back whole where they are too many."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from vanguard.lib.filling import filled


class WordsField(forms.CharField):
    """At most so many characters, a line's end being one of them, as the counter beside the field has it.

    The browser is not told: it would cut what somebody pastes, and they would lose it without a word.
    """

    def __init__(self, *, most: int, rows: int = 4, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        kwargs.setdefault("help_text", filled(_("At most %(most)s characters."), most=most))
        super().__init__(max_length=most, **kwargs)
        self.error_messages["max_length"] = _(
            "Please say it in at most %(limit_value)d characters; these are %(show_value)d."
        )

    def to_python(self, value: Any) -> Any:
        """A browser sends each line's end as two characters."""
        return super().to_python(value.replace("\r\n", "\n") if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs["data-count"] = attrs.pop("maxlength", "")
        return attrs
