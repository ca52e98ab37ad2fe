from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Request
from tasks.actions.new_hours import confirm_new_hours
from tasks.views.claim import own_claim_at
from vanguard.lib.attempting import attempt


@require_POST
def claim_come(request: Request, pk: int) -> HttpResponse:
    """I come at the new hours."""
    claim = own_claim_at(request, pk)
    attempt(request, lambda: confirm_new_hours(claim, by=request.actor), _("Good. Your place is at the new hours."))
    return redirect("claim", pk)
