from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from accounts.actions.roster_entry import add_entry, change_entry, remove_entry
from accounts.forms.roster_entry import RosterEntryForm
from accounts.models import RosterEntry
from accounts.queries.roster_duplicate import merged_lines
from accounts.refusals import Reason
from vanguard.lib.attempting import attempt
from vanguard.lib.refused import Refused

FIELD_OF = {str(Reason.FOREIGN_COMPOUND): "compound"}  # else the phone: nothing more is refused of a line


def roster_entry_new(request: Request) -> HttpResponse:
    """Put one person on the unit's roster."""
    request.actor.require(Ability.KEEP_ROSTER)
    unit = request.actor.organization
    assert unit is not None, "who keeps a roster acts for a unit"
    form = RosterEntryForm(request.POST or None, unit=unit)
    if request.method == "POST" and form.is_valid():
        try:
            entry = add_entry(unit, **form.values, by=request.actor)
        except Refused as refused:
            form.add_error(FIELD_OF.get(refused.reason.value, "phone"), refused.sentence)
        else:
            messages.success(request, _("%(name)s is on the roster.") % {"name": entry.name})
            return redirect("roster_entry", entry.pk)
    return render(request, "accounts/roster_entry/form.html", {"form": form, "unit": unit})


def roster_entry(request: Request, pk: int) -> HttpResponse:
    """One line of the roster, to be mended or taken off, with what has been merged into it."""
    entry = _entry(request, pk)
    form = RosterEntryForm(request.POST or None, instance=entry, unit=entry.unit)
    if request.method == "POST" and form.is_valid():
        try:
            change_entry(entry, **form.values, by=request.actor)
        except Refused as refused:
            form.add_error(FIELD_OF.get(refused.reason.value, "phone"), refused.sentence)
        else:
            messages.success(request, _("The line has been changed."))
            return redirect("roster_entry", pk)
    merged = merged_lines(request.actor).filter(merged_into=entry)
    context = {"form": form, "unit": entry.unit, "entry": entry, "merged": merged}
    return render(request, "accounts/roster_entry/form.html", context)


@require_POST
def roster_entry_remove(request: Request, pk: int) -> HttpResponse:
    """Take the line off the list; it is kept as history."""
    entry = _entry(request, pk)
    said = _("%(name)s has been taken off the roster.") % {"name": entry.name}
    attempt(request, lambda: remove_entry(entry, by=request.actor), said)
    return redirect("roster")


def _entry(request: Request, pk: int) -> RosterEntry:
    request.actor.require(Ability.KEEP_ROSTER)
    entries = RosterEntry.objects.visible_to(request.actor).current().select_related("unit", "member__user")
    return get_object_or_404(entries, pk=pk)
