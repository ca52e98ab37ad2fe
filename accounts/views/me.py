from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import MEMBER_ABILITIES, Request
from accounts.context import DEMO_ROLES
from accounts.forms.feedback import FeedbackForm
from accounts.models import Member, User
from accounts.queries.ability import abilities_of
from accounts.queries.appointment import appointments_to_come

YEAR_SECONDS = 365 * 24 * 3600


@require_GET
def me(request: Request) -> HttpResponse:
    """Who I am here: my hats, my details, log out."""
    member = Member.objects.filter(user=request.user).select_related("home__parent").first()
    return render(request, "accounts/me.html", {"member": member})


@require_GET
def abilities(request: Request) -> HttpResponse:
    """What I may do, hat by hat, and what I shall be once a day has come."""
    held = [hat.appointment for hat in request.hats.values() if hat.appointment]
    coming = appointments_to_come(request.user, timezone.localdate())
    context = {
        "held": [(appointment, abilities_of(appointment.role)) for appointment in held],
        "coming": [(appointment, abilities_of(appointment.role)) for appointment in coming],
        "as_member": MEMBER_ABILITIES if "member" in request.hats else (),
    }
    return render(request, "accounts/abilities.html", context)


@require_POST
def hat(request: Request) -> HttpResponse:
    """Put on another hat; one the person does not have is not found."""
    key = request.POST.get("hat", "")
    if key not in request.hats:
        raise Http404
    request.session["hat"] = key
    return redirect("home")


@login_not_required
@require_POST
def display(request: Request) -> HttpResponse:
    """Language and size of type, kept in the browser; the language also with the person, for mail."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("home")
    response = HttpResponseRedirect(target)
    kept = {"max_age": YEAR_SECONDS, "samesite": "Lax", "secure": settings.LANGUAGE_COOKIE_SECURE}
    if request.POST.get("language") in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.POST["language"], **kept)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=request.POST["language"])
    if request.POST.get("elder") in ("0", "1"):
        response.set_cookie("elder", request.POST["elder"], **kept)
    return response


@login_not_required
@require_GET
def privacy(request: Request) -> HttpResponse:
    return render(request, "accounts/privacy.html", {"version": settings.PRIVACY_VERSION})


@login_not_required
def feedback(request: Request) -> HttpResponse:
    """A word to those who run the platform, from any page."""
    form = FeedbackForm(request.POST or None, initial={"page": request.META.get("HTTP_REFERER", "")[:200]})
    if request.method == "POST" and form.is_valid():
        form.instance.user = request.user if request.user.is_authenticated else None
        form.save()
        messages.success(request, _("Thank you. It has been passed on."))
        return redirect("home")
    return render(request, "accounts/feedback.html", {"form": form})


@login_not_required
@require_POST
def demo_login(request: Request) -> HttpResponse:
    """One click in the demonstration, and only there: log in as the role that was chosen."""
    if not settings.DEMO or request.POST.get("role") not in dict(DEMO_ROLES):
        raise Http404
    user = get_object_or_404(User, username=request.POST["role"])
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("admin:index" if user.is_superuser else "home")
