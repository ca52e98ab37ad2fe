from typing import Any

from allauth.account.forms import SignupForm as AccountForm
from allauth.account.utils import complete_signup
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET

from accounts.access import Actor, Request
from accounts.actions.check_in import resubmit_check_in, submit_check_in
from accounts.actions.profile import offer_help
from accounts.forms.check_in import CheckInForm, filled_in
from accounts.models import CheckIn, Organization, User
from accounts.queries.check_in import approved_check_in, check_ins_of, returned_check_in
from accounts.queries.community import community_by_code
from vanguard.lib.refused import Refused


@require_GET
def check_in(request: Request) -> HttpResponse:
    """Where my check-in stands, or how to begin one."""
    return render(request, "accounts/check_in/status.html", {"check_ins": check_ins_of(request.user)})


@require_GET
def check_in_receipt(request: Request) -> HttpResponse:
    """The receipt (回执) of my approved check-in, to keep or to print."""
    approved = get_object_or_404(approved_check_in(request.user))
    return render(request, "accounts/check_in/receipt.html", {"check_in": approved})


@login_not_required
def check_in_at(request: Request, code: str) -> HttpResponse:
    """Check in to this community, move to it, or change what it has approved; a visitor signs up on the way."""
    community = community_by_code(code)
    if not request.user.is_authenticated:
        return _join(request, community)
    returned, approved = returned_check_in(request.user), approved_check_in(request.user).first()
    said = returned or approved
    form = CheckInForm(
        request.POST or None, community=community, user=request.user, initial=filled_in(request.user, said)
    )
    if request.method == "POST" and form.is_valid():
        try:
            _send(request.user, form, returned)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Sent to %(community)s. You will be told here.") % {"community": community})
            return redirect("check_in")
    page = {"form": form, "community": community, "returned": returned, "approved": approved}
    return render(request, "accounts/check_in/form.html", page)


@sensitive_post_parameters("password1")
@rate_limit(action="signup")
def _join(request: Any, community: Organization) -> HttpResponse:
    """Account and check-in in one short form: both come to be, or neither."""
    account = AccountForm(request.POST or None)
    form = CheckInForm(request.POST or None, community=community)
    if request.method == "POST" and all([account.is_valid(), form.is_valid()]):
        try:
            with transaction.atomic():
                user = account.save(request)
                _send(user, form)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        except IntegrityError:  # the same form sent twice at once: the other one was faster
            account.add_error("phone", _("This phone has an account already. Log in with it."))
        else:
            return complete_signup(request, user, settings.ACCOUNT_EMAIL_VERIFICATION, reverse("check_in"))
    return render(request, "accounts/check_in/join.html", {"account": account, "form": form, "community": community})


@transaction.atomic
def _send(user: User, form: CheckInForm, returned: CheckIn | None = None) -> None:
    """Who checks in acts as a plain person: none of their hats has a say in it."""
    by = Actor(user=user)
    if returned:
        resubmit_check_in(returned, form.details, by=by)
        offer_help(returned.member, **form.help_offered)
    else:
        offer_help(submit_check_in(user, form.details, by=by).member, **form.help_offered)
