"""Building and room, as typed by people and by spreadsheets."""

import re
import unicodedata


def address_key(address: str) -> str:
    """What two ways to write one room have in common: `3 幢 301`, `３栋301室` and `3-301` are all `3-301`.

    Letters and digits alone, in order; empty where there is neither, which compares with nothing.
    """
    return "-".join(re.findall(r"[0-9]+|[a-z]+", unicodedata.normalize("NFKC", address).lower()))
