"""Bars of a chart, from zero on: their sizes, for templates that draw them as SVG without any style."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django import template

register = template.Library()


class Bar(NamedTuple):
    """`at` is where it stands on its axis, `size` how long it is, `end` where upright ones begin from above."""

    label: Any
    value: int
    at: float
    size: float
    end: float


def bars(pairs: Sequence[tuple[Any, int]], *, step: float, length: float) -> list[Bar]:
    """One for each pair of a label and a number, `step` apart; the largest is `length` long, none below zero."""
    most = max([value for _label, value in pairs] + [1])
    sizes = [round(length * max(value, 0) / most, 2) for _label, value in pairs]
    return [
        Bar(label, value, round(step * n, 2), size, round(length - size, 2))
        for n, ((label, value), size) in enumerate(zip(pairs, sizes, strict=True))
    ]


@register.filter
def upright(months: Sequence[int]) -> list[Bar]:
    """`{% for bar in months|upright %}`: twelve months in a picture of 480 by 120."""
    return bars(list(enumerate(months, start=1)), step=40, length=90)


@register.filter
def lying(pairs: Sequence[tuple[Any, int]]) -> list[Bar]:
    """`{% for bar in categories|lying %}`: each a line of 24 in a picture 480 wide."""
    return bars(pairs, step=24, length=260)


@register.filter
def add_to(number: float, more: float) -> str:
    """The sum as SVG writes it, whatever the language of the page."""
    return f"{number + more:g}"
