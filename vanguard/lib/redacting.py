"""What a text that everybody may read must not carry: who lives where, and how to reach them.

Too much left out is put back by whoever publishes; too little cannot be taken back. Of a home address the building stays,
because a lamp needs a place.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

GAP = r"[\s\-\u2010-\u2015\u2212_.·()\u200b-\u200d\ufeff]{0,2}"  # how people space out a number
SPACE = r"[ \u200b-\u200d\ufeff]?"  # a card's number; a hyphen there would make one of two dates
DASH = r"\s?[\-\u2010-\u2015\u2212]\s?"
COUNTED = r"\s*(?:户|人|元|块|米|年|月|日|天|点|分|个|名|位|平|次|份|斤|度|瓦|多|余|毫|千|公|克|周|岁|号楼|幢|栋|单元)"
NO_ROOM = rf"(?![0-9]|{COUNTED}|\s*[-:.~至到]\s*[0-9])"  # 100 户, 1430-1630 and 2026-01-05 are no rooms
HAN_DIGITS = "一二三四五六七八九零〇"

NUMBER = r"(?:[0-9]{1,3}|[一二三四五六七八九十两]{1,3}|[甲乙丙丁A-Z])"
BUILDING = rf"{NUMBER}\s?(?:幢|栋|号楼|座|#)"
HOUSE = r"(?<![0-9月])[0-9]{1,4}\s?号"
UNIT = rf"第?(?:{NUMBER}|[东西南北中])\s?单元"
FLOOR = rf"{NUMBER}\s?(?:楼|层)(?!以上|以下|{DASH}[0-9]|[至到])"
DOOR = r"(?:[东西南北中左右]{1,2}(?:边|面|侧|手边|首)?(?:户|那家|那户|第[一二三]家)|[东西左右]手)"
ROOM = rf"(?:[A-Z]?[0-9]{{3,4}}[A-Z]?{NO_ROOM}|[{HAN_DIGITS}]{{3,4}}(?![{HAN_DIGITS}十百千万]))\s?(?:号?室|号房|房间|房|号)?"
SURE_ROOM = r"[0-9]{1,2}(?:0[1-9]|1[0-9]|2[0-4])(?![0-9])\s?室?"
COMMA = r"[\s\-,、/]{0,2}"
INSIDE = rf"(?:{COMMA}{FLOOR})?(?:{COMMA}(?:{ROOM}|{DOOR}))?"  # what may follow the number of a stairwell


class Kind(NamedTuple):
    """One kind of personal data. Of a match the group `piece` goes, else all of it, and `instead` comes."""

    pattern: re.Pattern[str]
    instead: str = "…"


def _kind(pattern: str, instead: str = "…") -> Kind:
    return Kind(re.compile(pattern, re.IGNORECASE), instead)


KINDS = {
    "e-mail": _kind(r"[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,4}"),
    "account": _kind(
        r"(?:微信|[薇威v]信|(?<![a-z])(?:vx|wx|wechat|weixin|qq)|加[v微]|扣扣)(?:号码?|id|同号)?\s?(?:是|为|[:=])?\s?"
        r"(?P<piece>[a-z][a-z0-9_\-]{4,19}|[0-9]{5,12}(?![0-9]))"
    ),
    "card": _kind(rf"(?<![0-9])[1-9](?:{SPACE}[0-9]){{13,17}}{SPACE}[0-9x](?![0-9a-z])"),
    "abroad": _kind(rf"\+{GAP}[1-9](?:{GAP}[0-9]){{7,14}}(?![0-9])"),
    "mobile": _kind(rf"(?<![0-9])(?:(?:00)?86{GAP})?1{GAP}(?:[3-9]{GAP}[0-9]|0{GAP}0)(?:{GAP}[0-9]){{8}}(?![0-9])"),
    "spelt": _kind(rf"[一幺]{GAP}[三四五六七八九](?:{GAP}[{HAN_DIGITS}幺]){{9}}"),
    "landline": _kind(
        rf"(?<![0-9])\(?0[0-9]{{2,3}}{GAP}[2-9][0-9]{{2,3}}{GAP}[0-9]{{4}}(?![0-9])(?:转{GAP}[0-9]{{1,6}})?"
    ),
    "announced": _kind(
        rf"(?:电话|座机|固话|手机|号码|tel|phone)[^0-9\n]{{0,6}}(?P<piece>[0-9](?:{GAP}[0-9]){{6,14}})(?![0-9])"
    ),
    "numbers of a home": _kind(
        rf"(?<![0-9\-])(?P<building>[1-9][0-9]?){DASH}[1-9][0-9]?{DASH}[1-9][0-9]{{2,3}}[A-Z]?{NO_ROOM}(?:{DASH})?室?",
        r"\g<building>幢",
    ),
    "home in a building": _kind(
        rf"{BUILDING}(?P<piece>{COMMA}(?:{UNIT}{INSIDE}|{FLOOR}(?:{COMMA}(?:{ROOM}|{DOOR}))?|{DOOR}|"
        rf"(?:[1-9][0-9]?[A-Z]?{DASH})?{ROOM}))",
        "",
    ),
    "home in a house": _kind(rf"{HOUSE}(?P<piece>{COMMA}(?:[1-9][0-9]?{DASH})?{SURE_ROOM}{NO_ROOM})", ""),
    "stairwell": _kind(rf"(?<![第0-9]){UNIT.removeprefix('第?')}{INSIDE}", ""),  # 第三单元 is in a schoolbook
    "door of a floor": _kind(rf"{FLOOR}{COMMA}(?:{DOOR}|[0-9]{{3,4}}{NO_ROOM}室?)", ""),
    "pair of a home": _kind(
        rf"(?:[住家址在苑园村里城府期区院庭湾坊路街巷弄]|门牌)[:]?\s?(?P<piece>[1-9][0-9]?{DASH}[1-9][0-9]{{2,3}}{NO_ROOM}室?)",
        "",
    ),
    "numbered room": _kind(r"(?:房间?|室)号[是:]?\s?(?P<piece>[0-9]{3,4}(?![0-9]))", ""),
    "room": _kind(
        rf"(?<![0-9A-Z])(?:[1-9][0-9]?{DASH})?(?:[A-Z]?[0-9]{{3,4}}[A-Z]?|[{HAN_DIGITS}]{{3,4}})\s?(?:室|号房|房间)", ""
    ),
}


WAYS_TO_REACH = ("e-mail", "account", "card", "abroad", "mobile", "spelt", "landline", "announced")


def without_personal_data(text: str, *, names: Iterable[str] = ()) -> str:
    """`text` as typed, but for the pieces that `personal_data_in` finds. Doing it again changes nothing."""
    return _redacted(text, names)[0]


def personal_data_in(text: str, *, names: Iterable[str] = ()) -> list[str]:
    """The pieces that say who, how to reach them or behind which door, as they were typed and in that order."""
    return sorted(_redacted(text, names)[1], key=text.find)


def contacts_in(text: str) -> list[str]:
    """Of these pieces those by which somebody can be reached, or paid, from afar; the homes are left aside."""
    return sorted(_without_kinds(text, [KINDS[name] for name in WAYS_TO_REACH])[1], key=text.find)


def _redacted(text: str, names: Iterable[str]) -> tuple[str, list[str]]:
    return _without_kinds(text, [*KINDS.values(), *_kinds_of(names)])


def _without_kinds(text: str, kinds: list[Kind]) -> tuple[str, list[str]]:
    pieces: list[str] = []
    before = None
    while before != text:  # what stood around a piece may come together to another
        before = text
        for kind in kinds:
            text = _without(text, kind, pieces)
    return text, pieces


def _kinds_of(names: Iterable[str]) -> list[Kind]:
    """The longest first, so that of 欧阳小明 and 小明 neither leaves a rest."""
    known = {"".join(even(name).split()) for name in names}
    return [_kind_of(name) for name in sorted(known, key=lambda name: (-len(name), name)) if len(name) > 1]


@lru_cache(maxsize=1024)
def _kind_of(name: str) -> Kind:
    """Written with or without spaces; Latin letters only as a whole word."""
    pattern = r"\s?".join(re.escape(sign) for sign in name)
    pattern = (r"(?<![a-z])" if name[0].isascii() else "") + pattern + (r"(?![a-z])" if name[-1].isascii() else "")
    return _kind(pattern, "某某")


def _without(text: str, kind: Kind, pieces: list[str]) -> str:
    """`text` with `instead` in place of what matches; the pieces are appended as they were typed."""
    kept, end = [], 0
    for match in kind.pattern.finditer(even(text)):
        start, stop = match.span("piece" if "piece" in kind.pattern.groupindex else 0)
        instead = match.expand(kind.instead)
        if text[start:stop] == instead:
            continue
        pieces.append(text[start:stop])
        kept += [text[end:start], instead]
        end = stop
    return "".join([*kept, text[end:]])


def even(text: str) -> str:
    """Full-width signs and the like in their plain form, each still at its place."""
    plain = (unicodedata.normalize("NFKC", sign) for sign in text)
    return "".join(one if len(one) == 1 else sign for one, sign in zip(plain, text, strict=True))
