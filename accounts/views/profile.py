from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.access import Request
from accounts.actions.profile import offer_help
from accounts.forms.profile import ProfileForm, help_of
from accounts.models import Member


def my_help(request: Request) -> HttpResponse:
    """What I can do, like to do and when: mine to say, nobody reviews it."""
    member = get_object_or_404(Member, user=request.user)
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=help_of(member))
    if request.method == "POST" and form.is_valid():
        offer_help(member, **form.help_offered)
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(request, "accounts/my_help.html", {"form": form})
