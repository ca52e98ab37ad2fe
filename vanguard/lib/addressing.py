"""Building and room, as typed by people and by spreadsheets."""

import re
import unicodedata

KEY_LENGTH = 60
DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
TIMES = {"十": 10, "百": 100}
NUMERAL = re.compile("[〇零一二三四五六七八九十百]{1,9}")
FILLER = re.compile("单元|[栋幢号楼座室户门层弄]")
PART = re.compile("[0-9]+|[a-z]+|[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")


def address_key(address: str) -> str:
    """What two ways to write one room have in common: `3 幢 301`, `３栋301室`, `三栋三〇一` and `3-301` are all `3-301`.

    Numbers, letters and the words that tell one place from another (东区, 甲), in order, at most `KEY_LENGTH`
    characters; words that only say what a number counts are left out. Empty compares with nothing.
    """
    text = NUMERAL.sub(_in_digits, unicodedata.normalize("NFKC", address).lower())
    return "-".join(PART.findall(FILLER.sub(" ", text)))[:KEY_LENGTH]


def _in_digits(numeral: re.Match[str]) -> str:
    """Counted (十二, 一百零二) or one digit after the other (一二〇一)."""
    total, digits, counted = 0, "", False
    for sign in numeral[0]:
        if sign in TIMES:
            total, digits, counted = total + int(digits or 1) * TIMES[sign], "", True
        else:
            digits += sign.translate(DIGITS)
    return str(total + int(digits or 0)) if counted else digits
