"""How near two wishes are in what they ask for: Chinese of a few words up to a page, as neighbours write it.

Words alone mislead: whoever borrows a wheelchair and whoever wants to be pushed in one use the same. So what a text tells is
split into notions (likeness_words.py), of which a thing weighs more than its place. Two texts are alike as far as their notions
are shared; what both have for themselves speaks against it, what only the longer one adds hardly does.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, TypeVar

from vanguard.lib import likeness_words as words

Key = TypeVar("Key")

LIKELY = 0.55  # from here on a wish is offered as one that was told before
MOST_OFFERED = 5
KINDS = (
    (words.THINGS, 3.0),
    (words.DOINGS, 1.5),
    (words.STATES, 1.0),
    (words.PLACES, 0.7),
    (words.PEOPLE, 0.4),
)
UNKNOWN_SHARED, UNKNOWN_ALONE = 1.5, 0.2  # two signs that no list knows: telling where shared, mostly noise where not
ALONE, MORE = 1.0, 0.15  # what both tell for themselves; what one tells beyond that
SAME_PLACE = 1.0
DOUBT = 0.8  # what two or three words leave unsaid

HAN_NUMBERS = "一二三四五六七八九十两"
COUNTERS = r"号楼|号|幢|栋|座|单元|楼|层|年级|点|岁|班"
HAN_NUMBER = re.compile(rf"(?<=[周初高])[一二三四五六日天]|[{HAN_NUMBERS}]{{1,3}}(?={COUNTERS})")
MEASURED = re.compile(r"[一两几\d](?:台|辆|张|套|床|把|副|盏|块|件|双|本|根|位|条|只)")  # 一床被子 is no bed
HOME = re.compile(r"(?<![\d-])(\d{1,2})-(\d{1,2})-\d{3,4}(?!\d)")
MARKS = {
    "building": re.compile(r"(?<!\d)(\d{1,3})(?:号楼|幢|栋|座(?!沙发|车|位)|#|号(?=\d{1,2}单元|门口|前|后|旁|边|楼))"),
    "stairwell": re.compile(r"(\d{1,2})单元"),
    "gate": re.compile(r"([东南西北])大?门"),
    "form": re.compile(r"(\d年级|(?<![身最])[初高][1-3](?![\d.米次层楼]))"),
}
OFFER = re.compile(r"捐|赠|转让|送人|免费送|用不着|用不上了|送给有?需要")
SIGNS = re.compile(r"[^\w\-#]+")
HAN_SPAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,}")
LATIN_WORD = re.compile(r"[a-z]{3,}")


class Gist(NamedTuple):
    """What a text tells: its notions by weight, what no list knows, and which building, stairwell, gate and form it names."""

    notions: dict[int, float]
    unknown: frozenset[str]
    marks: dict[str, frozenset[str]]
    offers: bool  # has something to give away


def likeness(one: str, other: str) -> float:
    """0 where nothing is shared or the places differ, 1 where the same is told."""
    return likeness_of(gist(one), gist(other))


def likest(
    text: str, others: Iterable[tuple[Key, str]], *, least: float = LIKELY, most: int = MOST_OFFERED
) -> list[Key]:
    """The keys of those texts that probably tell the same need as `text`, the nearest first."""
    mine = gist(text)
    scored = [(likeness_of(mine, gist(other)), key) for key, other in others]
    likely = sorted((pair for pair in scored if pair[0] >= least), key=lambda pair: -pair[0])
    return [key for _, key in likely[:most]]


def likeness_of(one: Gist, other: Gist) -> float:
    if one.offers != other.offers:
        return 0.0
    if any(one.marks[name] and other.marks[name] and not one.marks[name] & other.marks[name] for name in MARKS):
        return 0.0
    shared = sum(weight for notion, weight in one.notions.items() if notion in other.notions)
    shared += UNKNOWN_SHARED * len(one.unknown & other.unknown)
    if not shared:
        return 0.0
    shared += SAME_PLACE * sum(bool(one.marks[name] & other.marks[name]) for name in MARKS)
    alone, more = sorted((_alone(one, other), _alone(other, one)))
    return shared / (shared + ALONE * alone + MORE * more + DOUBT)


def _alone(one: Gist, other: Gist) -> float:
    """The weight of what `one` tells and `other` does not."""
    notions = sum(weight for notion, weight in one.notions.items() if notion not in other.notions)
    return notions + UNKNOWN_ALONE * len(one.unknown - other.unknown)


def gist(text: str) -> Gist:
    plain = evened(text)
    offers = bool(OFFER.search(plain))
    marks = {}
    for name, mark in MARKS.items():
        marks[name] = frozenset(mark.findall(plain))
        plain = mark.sub(" ", plain) if marks[name] else plain
    notions, rest = _read(plain)
    return Gist(notions, _unknown(rest), marks, offers)


def _read(plain: str) -> tuple[dict[int, float], str]:
    """The notions, and what is left of the text: at each sign the longest word that begins there is taken.

    Looking each up takes a tenth of the time of one regular expression made of them all.
    """
    known, lengths = _vocabulary()
    notions: dict[int, float] = {}
    rest: list[str] = []
    at = 0
    while at < len(plain):
        for length in lengths.get(plain[at], ()):
            word = plain[at : at + length]
            if word in known:
                notions.update(known[word])
                rest.append(" ")
                at += length
                break
        else:
            rest.append(plain[at])
            at += 1
    return notions, "".join(rest)


def _unknown(rest: str) -> frozenset[str]:
    """What the lists do not know: Chinese by pairs of signs, since nobody knows where its words end; Latin by words."""
    pairs = {span[at : at + 2] for span in HAN_SPAN.findall(rest) for at in range(len(span) - 1)}
    return frozenset(pairs | set(LATIN_WORD.findall(rest)))


def evened(text: str) -> str:
    """In plain signs and Arabic numerals, with a space for whatever is neither letter nor digit."""
    plain = SIGNS.sub(" ", unicodedata.normalize("NFKC", text).lower())
    plain = plain.replace("星期", "周").replace("礼拜", "周")
    plain = MEASURED.sub("一 ", plain)
    plain = HOME.sub(r"\1幢\2单元 ", plain)
    return HAN_NUMBER.sub(lambda found: _arabic(found[0]), plain)


def _arabic(number: str) -> str:
    """三 is 3, 十二 is 12, 二十 is 20."""
    if number in "日天":
        return "7"
    tens, ten, ones = number.rpartition("十")
    return str((_digit(tens) or 1) * 10 + _digit(ones)) if ten else "".join(str(_digit(sign)) for sign in number)


def _digit(sign: str) -> int:
    return 2 if sign == "两" else " 一二三四五六七八九".find(sign[:1] or " ")


@cache
def _vocabulary() -> tuple[dict[str, dict[int, float]], dict[str, list[int]]]:
    """The notions of each word, with their weights; and how long the words with a first sign are, the longest first."""
    known: dict[str, dict[int, float]] = {word: {} for word in words.FILLERS.split()}
    lines = ((line, weight) for lines, weight in KINDS for line in lines.strip().splitlines())
    for notion, (line, weight) in enumerate(lines):
        for word in line.split():
            known.setdefault(word, {})[notion] = weight
    lengths: dict[str, set[int]] = {}
    for word in known:
        lengths.setdefault(word[0], set()).add(len(word))
    return known, {first: sorted(found, reverse=True) for first, found in lengths.items()}
