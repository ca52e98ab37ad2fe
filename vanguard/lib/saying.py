"""Template filters that say times, names, phones and states as people do. Built into every template."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vanguard.lib import masking

# Django's own Chinese has 星期六 for the short name too; our catalogue says 周六.
WEEKDAYS = (
    gettext_lazy("Mon"),
    gettext_lazy("Tue"),
    gettext_lazy("Wed"),
    gettext_lazy("Thu"),
    gettext_lazy("Fri"),
    gettext_lazy("Sat"),
    gettext_lazy("Sun"),
)

# How a state looks beside its word; a state that is in none of these looks like nothing in particular.
TONES = {
    state: tone
    for tone, states in {
        "good": "CONFIRMED APPROVED MET DONE LOCKED SETTLED AGREES APPLIED",
        "late": "RETURNED ABSENT NOT_MET DECLINED REOPENED FAILED CANCELLED NOT_CHECKED_IN UNREADABLE WRONG",
        "waiting": "SUBMITTED NEW WAITING OFFERED ATTENDED PROPOSED ENDED RUNNING FULFILLED DIFFERS APPLYING MISSING",
        "info": "HELD OPEN ACCEPTED PUBLISHED CLAIMED NOT_ON_ROSTER READY CHANGED",
    }.items()
    for state in states.split()
}

register = template.Library()
register.filter("mask_name", masking.mask_name)
register.filter("mask_phone", masking.mask_phone)


def day_words(day: date) -> str:
    """today, tomorrow, yesterday, or the date with its weekday; the year only when it is another."""
    today = timezone.localdate()
    near = {today: _("today"), today + timedelta(days=1): _("tomorrow"), today - timedelta(days=1): _("yesterday")}
    if day in near:
        return near[day]
    written = date_format(day, _("M j") if day.year == today.year else _("M j, Y"))
    return _("%(day)s %(weekday)s") % {"day": written, "weekday": WEEKDAYS[day.weekday()]}


def moment_words(moment: datetime) -> str:
    """`明天 09:00`, in the local time of the platform."""
    local = timezone.localtime(moment)
    return f"{day_words(local.date())} {local:%H:%M}"


@register.filter
def on_day(value: date | datetime | None) -> str:
    """`2月14日 周六`, or 今天 and 明天."""
    if value is None:
        return ""
    return day_words(timezone.localtime(value).date() if isinstance(value, datetime) else value)


@register.filter
def at_time(value: datetime | None) -> Any:
    """`明天 09:00`, with the exact time on hover."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="minutes"),
        f"{local:%Y-%m-%d %H:%M}",
        moment_words(value),
    )


@register.filter
def until(starts: datetime | None, ends: datetime | None) -> Any:
    """`明天 14:00–16:00`; a span over midnight names both days."""
    if starts is None or ends is None:
        return at_time(starts or ends)
    first, last = timezone.localtime(starts), timezone.localtime(ends)
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{day_words(last.date())} {last:%H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{} {}–{}</time>',
        first.isoformat(timespec="minutes"),
        f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}",
        day_words(first.date()),
        f"{first:%H:%M}",
        end,
    )


@register.filter
def lasting(span: timedelta | None) -> str:
    """`5 小时`, from two days on `3 天`; a dash for nothing."""
    if span is None:
        return "–"
    hours = round(span / timedelta(hours=1))
    if hours < 1:
        return _("under an hour")
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    days = round(span / timedelta(days=1))
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def age(since: datetime) -> str:
    """For how long, in whole days."""
    days = (timezone.localdate() - timezone.localdate(since)).days
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days > 0 else _("since today")


@register.filter
def times(count: int) -> range:
    """`{% for _ in 5|times %}`"""
    return range(max(0, int(count)))


@register.filter
def of(mapping: dict, key: Any) -> Any:
    """`{{ counts|of:row.pk }}`: the value under a key, or nothing."""
    return mapping.get(key)


@register.filter
def tone(state: str) -> str:
    """`good`, `late`, `waiting` or `info`, as the style sheet knows them; nothing for any other state."""
    return TONES.get(state, "")


@register.filter
def percent(part: int, whole: int) -> str:
    """`96 %`; a dash where there is nothing to be a part of."""
    return f"{100 * part // whole} %" if whole else "–"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The query string of this page with some values changed; `None` takes one out."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        values.pop(name, None)
        if value is not None:
            values[name] = value
    return "?" + values.urlencode()
