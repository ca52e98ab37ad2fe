from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Request
from accounts.queries.community import community_by_code
from tasks.actions.wish import answer_whether_done, send_wish
from tasks.forms.wish import NotDoneForm, TrackForm, WishForm
from tasks.models import Wish
from tasks.queries.wish import steps_of, wish_by_number
from vanguard.lib.refused import Refused

TRACKED = "tracked"


@login_not_required
def wish_new(request: Request, code: str) -> HttpResponse:
    """A resident says what is needed; no account, few fields."""
    community = community_by_code(code)
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = {k: v for k, v in form.cleaned_data.items() if k not in ("consent", "website")}
        try:
            wish = send_wish(community, **said, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            _remember(request, wish)
            messages.success(
                request, _("Your wish has been sent. Keep this number: %(number)s") % {"number": wish.number}
            )
            return redirect("wish_tracked", wish.number)
    return render(request, "tasks/wish/new.html", {"form": form, "community": community})


@login_not_required
def wish_track(request: Request) -> HttpResponse:
    """Follow a wish with its number and the phone it came with."""
    form = TrackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = wish_by_number(**form.cleaned_data)
        if wish:
            _remember(request, wish)
            return redirect("wish_tracked", wish.number)
        form.add_error(None, _("Number and phone do not go together. Check both; the number has ten characters."))
    return render(request, "tasks/wish/track.html", {"form": form})


@login_not_required
@require_GET
def wish_tracked(request: Request, number: str) -> HttpResponse:
    """Every step of one's own wish in plain words."""
    return _tracked_page(request, _own_wish(request, number), NotDoneForm())


@login_not_required
@require_POST
def wish_answer(request: Request, number: str) -> HttpResponse:
    """Was it done? The resident's word."""
    wish = _own_wish(request, number)
    form = NotDoneForm(request.POST)
    if request.POST.get("done") not in ("yes", "no"):
        raise Http404
    if not form.is_valid():
        return _tracked_page(request, wish, form)
    try:
        done = request.POST["done"] == "yes"
        answer_whether_done(wish, done=done, words=form.cleaned_data["words"], by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Thank you for telling us."))
    return redirect("wish_tracked", number)


def _tracked_page(request: Request, wish: Wish, form: NotDoneForm) -> HttpResponse:
    return render(request, "tasks/wish/tracked.html", {"wish": wish, "steps": steps_of(wish), "form": form})


def _remember(request: Request, wish: Wish) -> None:
    numbers = request.session.get(TRACKED, [])
    request.session[TRACKED] = [*numbers[-19:], wish.number]


def _own_wish(request: Request, number: str) -> Wish:
    """A wish that this browser sent or has opened with number and phone, or the own one of who is logged in."""
    wishes = Wish.objects.filter(number=number).select_related("community__merged_into", "task")
    wish = wishes.first()
    mine = request.user.is_authenticated and wish is not None and wish.sender_id == request.user.pk
    if wish is None or not mine and number not in request.session.get(TRACKED, []):
        raise Http404
    return wish
