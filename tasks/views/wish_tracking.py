from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Request
from accounts.limiting import count_try, may_try
from tasks.actions.wish_reply import keep_wish, reply_to_question, say_outcome
from tasks.forms.wish import OutcomeForm, ReplyForm, TrackForm
from tasks.models import Suggestion, Wish
from tasks.queries.group_request import group_told, hours_of
from tasks.queries.suggestion import suggestion_by_number
from tasks.queries.wish import wish_by_number
from tasks.queries.wish_tracking import goes_with, helpers_of, steps_told, wishes_kept_by
from vanguard.lib.attempting import attempt
from vanguard.lib.paging import page_of

TRACKED = "tracked"
SENT = "sent_from"
NUMBERS_REMEMBERED = 20


@login_not_required
def wish_track(request: Request) -> HttpResponse:
    """Follow a wish, or a suggestion, with its number and the phone it came with.

    Only wrong tries count, by address and by number: whose phone it is can be guessed, and a phone that everybody knows
    must not shut its owner out. Beyond the limit not even what is right is answered, else guessing could go on; but a
    browser that has proved a number before is never held up by what others try.
    """
    form = TrackForm(request.POST or None, initial={"number": request.GET.get("number", "")})
    if request.method != "POST" or not form.is_valid():
        return _track_page(request, form)
    number, phone = form.cleaned_data["number"], form.cleaned_data["phone"]
    if number not in numbers_of(request) and not may_try(request, "wish_not_found", key=number):
        form.add_error(None, _("Too many tries that did not fit. Try again in an hour, or call your community."))
        return _track_page(request, form, status=429)
    found = wish_by_number(number, phone) or suggestion_by_number(number, phone)
    if found is None:
        count_try(request, "wish_not_found", key=number)
        form.add_error(None, _("Number and phone do not go together. Check both; the number has ten characters."))
        return _track_page(request, form)
    remember(request, found)
    return redirect("suggestion_tracked" if isinstance(found, Suggestion) else "wish_tracked", found.number)


def _track_page(request: Request, form: TrackForm, *, status: int = 200) -> HttpResponse:
    return render(request, "tasks/wish_tracking/track.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_GET
def wish_tracked(request: Request, number: str) -> HttpResponse:
    """Every step of one's own wish in plain words."""
    return _tracked_page(request, _own_wish(request, number))


@login_not_required
@require_POST
def wish_outcome(request: Request, number: str) -> HttpResponse:
    """Was it done? The resident's word."""
    wish = _own_wish(request, number)
    form = OutcomeForm(request.POST)
    if form.has_error("done"):  # sent by neither button
        raise Http404
    if not form.is_valid():
        return _tracked_page(request, wish, outcome=form)
    said = form.cleaned_data
    attempt(request, lambda: say_outcome(wish, **said, by=request.actor), _("Thank you for telling us."))
    return redirect("wish_tracked", number)


@login_not_required
@require_POST
def wish_reply(request: Request, number: str) -> HttpResponse:
    """The resident replies to what the community has asked back."""
    wish = _own_wish(request, number)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _tracked_page(request, wish, reply=form)
    words = form.cleaned_data["words"]
    said = _("Thank you. The community reads your answer.")
    attempt(request, lambda: reply_to_question(wish, words=words, by=request.actor), said)
    return redirect("wish_tracked", number)


@login_not_required
@require_POST
def wish_forget(request: Request) -> HttpResponse:
    """On somebody else's phone: this browser no longer opens any wish without number and phone."""
    request.session.pop(TRACKED, None)
    messages.success(request, _("Forgotten on this device. Number and phone open it again."))
    return redirect("wish_track")


@require_POST
def wish_keep(request: Request, number: str) -> HttpResponse:
    """Take a wish whose number and phone one has proved into the own account."""
    wish = _own_wish(request, number)
    attempt(request, lambda: keep_wish(wish, by=request.actor), _("It is among your wishes now."))
    return redirect("wish_tracked", number)


@require_GET
def my_wishes(request: Request) -> HttpResponse:
    """What I have sent while signed in, or taken into my account since."""
    return render(request, "tasks/wish_tracking/mine.html", {"page": page_of(request, wishes_kept_by(request.user))})


def _tracked_page(request: Request, wish: Wish, **forms: Any) -> HttpResponse:
    earlier, asked = goes_with(wish), group_told(wish)
    context = {
        "wish": wish,
        "steps": steps_told(wish),
        "helpers": helpers_of(wish),
        "asked": asked,
        "hours": hours_of(asked) if asked else None,
        "photos": wish.photos.all(),
        "earlier": steps_told(earlier, with_words=False) if earlier else [],
        "may_keep": request.user.is_authenticated and wish.sender_id is None,
        "draft_sent": draft_sent(request),
        "outcome": forms.get("outcome") or OutcomeForm(),
        "reply": forms.get("reply") or ReplyForm(),
    }
    return render(request, "tasks/wish_tracking/tracked.html", context)


def numbers_of(request: Request) -> list[str]:
    """The wishes and suggestions that this browser sent, or has opened with number and phone."""
    return request.session.get(TRACKED, [])


def remember(request: Request, sent: Wish | Suggestion) -> None:
    others = [number for number in numbers_of(request) if number != sent.number]
    request.session[TRACKED] = [*others, sent.number][-NUMBERS_REMEMBERED:]


def just_sent(request: Request, draft: str) -> None:
    """The next page of this browser may forget the draft that has been sent."""
    request.session[SENT] = draft


def draft_sent(request: Request) -> str:
    """Which draft that is, told once."""
    return request.session.pop(SENT, "")


def _own_wish(request: Request, number: str) -> Wish:
    """A wish that this browser sent or has opened with number and phone, or the own one of who is logged in."""
    wishes = Wish.objects.filter(number=number).select_related("community__merged_into", "task", "merged_into")
    wish = wishes.first()
    mine = request.user.is_authenticated and wish is not None and wish.sender_id == request.user.pk
    if wish is None or not mine and number not in numbers_of(request):
        raise Http404
    return wish
