"""What a password has to be, said in the reader's language."""

from django.contrib.auth.password_validation import MinimumLengthValidator as DjangoMinimumLengthValidator
from django.utils.translation import ngettext


class MinimumLengthValidator(DjangoMinimumLengthValidator):
    """Django's own rule; its sentence has no Chinese translation in Django 5.2."""

    def get_error_message(self) -> str:
        return ngettext(
            "This password is too short: use at least %(n)s character.",
            "This password is too short: use at least %(n)s characters.",
            self.min_length,
        ) % {"n": self.min_length}
