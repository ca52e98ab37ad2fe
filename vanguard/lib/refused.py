"""How an action says no: one reason of a closed list, with one plain sentence a person can act on."""

from typing import Any

from django.db.models import TextChoices


class Refused(Exception):
    """Raised by an action that does not do what was asked; nothing has been written.

    `reason` is a member of an app's `Reason` list; its label is the sentence, `details` fill its placeholders.
    """

    def __init__(self, reason: TextChoices, **details: Any) -> None:
        self.reason = reason
        self.details = details
        super().__init__(reason.value)

    @property
    def sentence(self) -> str:
        return str(self.reason.label) % self.details

    def __str__(self) -> str:
        return self.sentence
