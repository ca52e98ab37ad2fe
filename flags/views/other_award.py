"""Flags for what is no service on the platform: for a matter, and for a service entered afterwards."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Role
from flags.actions.late_entry import approve_entry, decline_entry, enter_late
from flags.actions.matter import keep_matter
from flags.actions.matter_award import award_for_matter
from flags.forms.ledger import LateEntryForm, MatterAwardForm, MatterForm, WhyForm
from flags.models import AwardMatter, LateEntry
from flags.queries.deadline import is_city_of, is_open, left_to_the_city
from flags.queries.late_entry import entries_to_approve
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of

MINE_SHOWN = 30


def matter_award(request: Request) -> HttpResponse:
    """One flag for a matter that the city has named, on a stated day, with a reason."""
    request.actor.require(Ability.KEEP_LEDGER)
    form = MatterAwardForm(request.POST or None, by=request.actor, initial={"day": timezone.localdate()})

    def act() -> None:
        data = form.cleaned_data
        line = award_for_matter(
            data["who"], matter=data["matter"], day=data["day"], reason=data["reason"], by=request.actor
        )
        messages.success(request, _("Lit for %(name)s; they are told.") % {"name": line.member})

    if request.method == "POST" and attempt_with(form, act):
        return redirect("ledger")
    return render(request, "flags/ledger/award.html", {"form": form})


def late_entry_new(request: Request) -> HttpResponse:
    """Write down a service that was done off the system; a second person lights its flags."""
    request.actor.require(Ability.KEEP_LEDGER)
    form = LateEntryForm(request.POST or None, by=request.actor)
    entry: list[LateEntry] = []

    def act() -> None:
        late = form.cleaned_data.get("late_reason", "")
        once = form.cleaned_data["sent_once"]
        served = enter_late(form.cleaned_data["who"], form.served, by=request.actor, late_reason=late, sent_once=once)
        entry.append(served)

    if request.method == "POST" and attempt_with(form, act):
        messages.success(request, _("Written down. A second person is asked to look at it; until then nothing is lit."))
        return redirect(entry[0].page)
    return render(request, "flags/late_entry/new.html", {"form": form})


@require_GET
def late_entries(request: Request) -> HttpResponse:
    """What waits for me as the second person, and what I have entered and waits for another."""
    request.actor.require(Ability.KEEP_LEDGER)
    mine = LateEntry.objects.visible_to(request.actor).waiting().filter(entered_by=request.user)
    context = {
        "page": page_of(request, entries_to_approve(request.actor)),
        "mine": mine.select_related("member__user").order_by("-pk")[:MINE_SHOWN],
    }
    return render(request, "flags/late_entry/list.html", context)


@require_GET
def late_entry(request: Request, pk: int) -> HttpResponse:
    return _entry_page(request, _entry(request, pk))


@require_POST
def late_entry_approve(request: Request, pk: int) -> HttpResponse:
    entry = _entry(request, pk)
    said = _("Lit for %(name)s; they are told.") % {"name": entry.member}
    if attempt(request, lambda: approve_entry(entry, by=request.actor, why=request.POST.get("why", "")), said):
        return redirect("late_entries")
    entry.refresh_from_db()
    return _entry_page(request, entry)


@require_POST
def late_entry_decline(request: Request, pk: int) -> HttpResponse:
    entry, form = _entry(request, pk), WhyForm(request.POST)
    if not attempt_with(form, lambda: decline_entry(entry, **form.cleaned_data, by=request.actor)):
        entry.refresh_from_db()
        return _entry_page(request, entry, form)
    messages.success(request, _("Declined; %(name)s is told why.") % {"name": entry.entered_by})
    return redirect("late_entries")


def _entry(request: Request, pk: int) -> LateEntry:
    request.actor.require(Ability.KEEP_LEDGER)
    rows = LateEntry.objects.visible_to(request.actor)
    return get_object_or_404(
        rows.select_related(
            "member__user", "community__merged_into", "entered_by", "entered_as__organization", "decided_by"
        ),
        pk=pk,
    )


def _entry_page(request: Request, entry: LateEntry, form: WhyForm | None = None) -> HttpResponse:
    """What was done and why it comes late; the second person decides, everybody else reads who that is."""
    waits = entry.status == LateEntry.Status.SUBMITTED
    first = entry.entered_by == request.user
    own = request.actor.is_person(entry.member)
    city_path, year = entry.community.city_path, timezone.localtime(entry.ends_at).year
    closed = waits and not entry.late_reason and not is_open(city_path, year)
    context = {
        "entry": entry,
        "line": entry.awards.filter(reverses=None).first(),
        "form": form or WhyForm() if waits and not first and not own else None,
        "first": waits and first,
        "own": waits and own,
        "says_why": closed and is_city_of(request.actor, city_path),
        "why": request.POST.get("why", ""),
        "ask": left_to_the_city(request.actor, city_path, year) if closed else None,
        "year": year,
    }
    return render(request, "flags/late_entry/page.html", context)


def award_matters(request: Request) -> HttpResponse:
    """The matters of my city, and one more."""
    _require_city(request)
    form = MatterForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: keep_matter(None, **form.cleaned_data, by=request.actor)
    ):
        messages.success(request, _("It is on the list now."))
        return redirect("award_matters")
    matters = AwardMatter.objects.visible_to(request.actor)
    return render(request, "flags/matter/list.html", {"page": page_of(request, matters), "form": form})


def award_matter(request: Request, pk: int) -> HttpResponse:
    """Another name or other days; what was awarded stays."""
    _require_city(request)
    matter = get_object_or_404(AwardMatter.objects.visible_to(request.actor), pk=pk)
    form = MatterForm(request.POST or None, initial=model_to_dict(matter, ["name", "since", "until"]))
    if request.method == "POST" and attempt_with(
        form, lambda: keep_matter(matter, **form.cleaned_data, by=request.actor)
    ):
        messages.success(request, _("Changed."))
        return redirect("award_matters")
    return render(request, "flags/matter/page.html", {"matter": matter, "form": form})


def _require_city(request: Request) -> None:
    if request.actor.role != Role.CITY_OFFICER:
        raise PermissionDenied
