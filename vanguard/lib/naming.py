"""Names of people, as typed by people and by spreadsheets."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 40
MIDDLE_DOTS = re.compile(r"\s*[·•‧∙⋅・．]\s*")  # the dot inside 阿依古丽·买买提 has many keys
FORMAT_SIGNS = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
BETWEEN_HAN = re.compile(r"(?<=[\u2e80-\u9fff\U00020000-\U0003ffff])\s+(?=[\u2e80-\u9fff\U00020000-\U0003ffff])")


def clean_name(text: str) -> str:
    """The name in `text`, written one way: full-width letters, spaces inside 张 三 and kinds of middle dots are evened.

    Rare characters pass (龘䶮𠮷). Refused: nothing, more than 40 characters, and signs that no name has.
    """
    # The dots come before NFKC, which would turn the full-width one into a full stop.
    text = MIDDLE_DOTS.sub("·", FORMAT_SIGNS.sub("", text))
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    name = BETWEEN_HAN.sub("", name)
    if not name:
        raise ValidationError(_("Enter the name."), code="name")
    if len(name) > LONGEST:
        raise ValidationError(_("A name has at most %(n)s characters."), code="name", params={"n": LONGEST})
    if not all(unicodedata.category(sign)[0] in "LM" or sign in "· -'’.〇" for sign in name) or name[0] in "-'’.·":
        raise ValidationError(_("A name is made of letters: leave out digits and signs."), code="name")
    return name
