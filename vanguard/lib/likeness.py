"""How near two wishes are in what they ask for: Chinese of a few words up to a page, as neighbours write it.

Words alone mislead: whoever borrows a wheelchair and whoever wants to be pushed in one use the same. So what a text tells is
split into notions (likeness_words.py) of several kinds, of which a thing weighs more than its place. Two texts are alike as
far as their notions are shared; what both have for themselves speaks against it, what only the longer one adds hardly does.
And some kinds decide: where both name a subject, a paper or a kind of help and none is the same, they want different things.
"""

import re
import string
import unicodedata
from functools import cache
from typing import NamedTuple

from vanguard.lib import likeness_words as words


class Kind(NamedTuple):
    """A kind of notion: what one counts, and what is left of the likeness where each text has its own, or only one has any."""

    lines: str
    weight: float
    apart: float = 1.0
    one_sided: float = 1.0
    within: bool = False  # told by a part of a longer word too


LIKELY = 0.5  # from here on a wish is offered as one that was told before
MOST_OFFERED = 5
KINDS = (  # fitted to some 450 pairs, most of them from one hand, and rounded; none of them is sharp
    Kind(words.THINGS, 2.0, 0.6),
    Kind(words.SUBJECTS, 5.0, 0.3),
    Kind(words.PAPERS, 5.0, 0.3),
    Kind(words.WAYS, 1.0, 0.6, 0.85, within=True),
    Kind(words.FAULTS, 0.8),
    Kind(words.STATES, 0.8),
    Kind(words.EFFECTS, 0.8),
    Kind(words.SETTINGS, 0.6),
    Kind(words.PLACES, 0.5, 0.7),
    Kind(words.HEALTH, 1.0),
    Kind(words.PEOPLE, 0.3, 0.6),
)
MATTERS = 3  # the kinds that say what it is about stand first
UNKNOWN_SHARED, UNKNOWN_ALONE = 0.8, 0.1  # two signs that no list knows: telling where shared, mostly noise where not
SIGN_SHARED = 0.6  # one sign, where the lists find no matter in common: 排水沟 and 沟 are one to those who know neither
ALONE, MORE = 0.25, 0.1  # what both tell for themselves; what one tells beyond that
SAME_PLACE, OTHER_PLACE = 1.1, 0.4  # the same building; one names a building and the other a gate
DOUBT = 1.0  # what two or three words leave unsaid

HAN_NUMBERS = "一二三四五六七八九十两"
COUNTERS = r"号楼|号|幢|栋|座|单元|楼|层|年级|点|岁|班"
HAN_NUMBER = re.compile(rf"(?<=[周初高])[一二三四五六日天]|[{HAN_NUMBERS}]{{1,3}}(?={COUNTERS})")
MEASURED = re.compile(
    r"[一两几\d](?:台|辆|张|套|床|把|副|盏|块|件|双|本|根|位|条|只|盆|袋|箱|桶|瓶|盒|顶|部|支)"
)  # 一床被子 is no bed
HOME = re.compile(r"(?<![\d-])(\d{1,2})-(\d{1,2})-(\d{3,4})(?!\d)")
SPLIT_VERB = re.compile(r"([\u4e00-\u9fff])(?:一?[个下次趟场盘]|了|完|过)(?=([\u4e00-\u9fff]))")  # 理个发 is 理发
MARKS = {
    "building": re.compile(r"(?<!\d)(\d{1,3})(?:号楼|幢|栋|座(?!沙发|车|位)|#|号(?=\d{1,2}单元|门口|前|后|旁|边|楼))"),
    "stairwell": re.compile(r"(\d{1,2})单元"),
    "side": re.compile(r"([东南西北左右])(?=大?门|边|面|侧|头|口)"),
    "room": re.compile(r"(?<!\d)([1-9]\d?0[1-9])(?:室|(?!\d|元|块|米|名|人|年|度|号))"),
    "form": re.compile(r"(\d年级|(?<![身最])[初高][1-3](?![\d.米次层楼]))"),
}
OFFER = re.compile(r"捐|赠|转让|送人|免费送|白送|用不着|用不上了|送给(?!我)|谁要(?!是)")
FAILS = re.compile(
    r"[关开打转拧插点冲连按抽吸流排锁拉拔合收充启升降刷喷烧](?:不|没法)[上开动着了进出下掉住拢紧严通成走起]"
)
SIGNS = re.compile(r"[^\w\-#－＃]+")
HAN_SPAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,}")
LATIN_WORD = re.compile(r"[a-z]{3,}")

Notion = tuple[int, int]  # kind and line


class Gist(NamedTuple):
    """What a text tells: its notions by kind, what no list knows, its signs, and which building, side, room and form it names."""

    notions: tuple[frozenset[Notion], ...]
    unknown: frozenset[str]
    signs: frozenset[str]
    marks: dict[str, frozenset[str]]
    offers: bool  # has something to give away


def likeness(one: str, other: str) -> float:
    """0 where nothing is shared or the places differ, 1 where the same is told."""
    return likeness_of(gist(one), gist(other))


def likeness_of(one: Gist, other: Gist) -> float:
    same = [name for name in MARKS if one.marks[name] & other.marks[name]]
    if one.offers != other.offers or any(one.marks[name] and other.marks[name] for name in MARKS if name not in same):
        return 0.0
    shared, alone, others = _balance(one, other)
    if not shared:
        return 0.0
    shared += SAME_PLACE * len(same)
    less, more = sorted((alone, others))
    told = shared / (shared + ALONE * less + MORE * more + DOUBT)
    elsewhere = not same and any(one.marks.values()) and any(other.marks.values())
    return told * _apart(one, other) * (OTHER_PLACE if elsewhere else 1.0)


def _balance(one: Gist, other: Gist) -> tuple[float, float, float]:
    """The weight of what both tell, of what `one` tells alone and of what `other` tells alone."""
    common = len(one.unknown & other.unknown)
    shared = UNKNOWN_SHARED * common
    alone = UNKNOWN_ALONE * (len(one.unknown) - common)
    others = UNKNOWN_ALONE * (len(other.unknown) - common)
    for kind, mine, theirs in zip(KINDS, one.notions, other.notions, strict=True):
        if mine or theirs:
            common = len(mine & theirs)
            shared += kind.weight * common
            alone += kind.weight * (len(mine) - common)
            others += kind.weight * (len(theirs) - common)
    if all(map(frozenset.isdisjoint, one.notions[:MATTERS], other.notions)):
        shared += SIGN_SHARED * len(one.signs & other.signs)
    return shared, alone, others


def _apart(one: Gist, other: Gist) -> float:
    """What the kinds that decide leave of the likeness."""
    left = 1.0
    for kind, mine, theirs in zip(KINDS, one.notions, other.notions, strict=True):
        if (mine or theirs) and mine.isdisjoint(theirs):
            left *= kind.apart if mine and theirs else kind.one_sided
    return left


def gist(text: str) -> Gist:
    plain = evened(text)
    offers = bool(OFFER.search(plain))
    marks = {}
    for name, mark in MARKS.items():
        marks[name] = frozenset(mark.findall(plain))
        plain = mark.sub(" ", plain) if marks[name] else plain
    notions, rest, matter = _read(plain)
    if FAILS.search(rest):
        notions |= _vocabulary().known["修"]
    signs = frozenset(rest + matter) - _vocabulary().everyday
    return Gist(_by_kind(notions), _unknown(rest), signs, marks, offers)


def _by_kind(notions: set[Notion]) -> tuple[frozenset[Notion], ...]:
    kinds: tuple[set[Notion], ...] = tuple(set() for _ in KINDS)
    for notion in notions:
        kinds[notion[0]].add(notion)
    return tuple(frozenset(kind) for kind in kinds)


def _read(plain: str) -> tuple[set[Notion], str, str]:
    """The notions, what no list knows and the words of the matter: at each sign the longest word that begins there is taken.

    Looking each up takes a tenth of the time of one regular expression made of them all.
    """
    known, lengths, matters, _ = _vocabulary()
    notions: set[Notion] = set()
    rest: list[str] = []
    matter: list[str] = []
    at = 0
    while at < len(plain):
        for length in lengths.get(plain[at], ()):
            word = plain[at : at + length]
            if word in known:
                notions |= known[word]
                rest.append(" ")
                if word in matters:
                    matter.append(word)
                at += length
                break
        else:
            rest.append(plain[at])
            at += 1
    return notions, "".join(rest), "".join(matter)


def _unknown(rest: str) -> frozenset[str]:
    """What the lists do not know: Chinese by pairs of signs, since nobody knows where its words end; Latin by words."""
    pairs = {span[at : at + 2] for span in HAN_SPAN.findall(rest) for at in range(len(span) - 1)}
    return frozenset(pairs | set(LATIN_WORD.findall(rest)))


def evened(text: str) -> str:
    """In plain signs and Arabic numerals, with a space for whatever is neither letter nor digit."""
    plain = SIGNS.sub(" ", text)
    if not unicodedata.is_normalized("NFKC", plain):
        plain = SIGNS.sub(" ", unicodedata.normalize("NFKC", plain))
    plain = plain.lower()
    plain = plain.replace("星期", "周").replace("礼拜", "周")
    plain = MEASURED.sub("一 ", plain)
    plain = HOME.sub(r"\1幢\2单元\3室", plain)
    plain = HAN_NUMBER.sub(lambda found: _arabic(found[0]), plain)
    known = _vocabulary().known
    return SPLIT_VERB.sub(lambda found: found[1] if known.get(found[1] + found[2]) else found[0], plain)


def _arabic(number: str) -> str:
    """三 is 3, 十二 is 12, 二十 is 20."""
    if number in "日天":
        return "7"
    tens, ten, ones = number.rpartition("十")
    return str((_digit(tens) or 1) * 10 + _digit(ones)) if ten else "".join(str(_digit(sign)) for sign in number)


def _digit(sign: str) -> int:
    return 2 if sign == "两" else " 一二三四五六七八九".find(sign[:1] or " ")


class Vocabulary(NamedTuple):
    known: dict[str, frozenset[Notion]]
    lengths: dict[str, list[int]]  # of the words by their first sign, the longest first
    matters: frozenset[str]  # the words that say what it is about
    everyday: frozenset[str]  # signs that tell nothing


@cache
def _vocabulary() -> Vocabulary:
    known: dict[str, frozenset[Notion]] = dict.fromkeys(words.FILLERS.split(), frozenset())
    for number, kind in enumerate(KINDS):
        for line, text in enumerate(kind.lines.splitlines()):
            for word in text.split():
                known[word] = known.get(word, frozenset()) | {(number, line)}
    for word in [word for word in known if len(word) > 2 and known[word]]:
        parts = {word[at:end] for at in range(len(word)) for end in range(at + 2, len(word) + 1)}
        known[word] |= {notion for part in parts for notion in known.get(part, ()) if KINDS[notion[0]].within}
    lengths: dict[str, set[int]] = {}
    for word in known:
        lengths.setdefault(word[0], set()).add(len(word))
    longest_first = {first: sorted(found, reverse=True) for first, found in lengths.items()}
    matters = frozenset(word for word in known if any(kind < MATTERS for kind, _ in known[word]))
    return Vocabulary(known, longest_first, matters, frozenset(words.EVERYDAY + string.printable))
