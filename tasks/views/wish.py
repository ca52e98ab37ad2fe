from functools import partial
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Request
from accounts.limiting import count_try
from accounts.models import Organization
from accounts.queries.community import find_community
from tasks.actions.wish import send_wish
from tasks.actions.wish_photo import drop_kept_photos, keep_photos
from tasks.forms.wish import WishForm
from tasks.models import GroupProject, Wish
from tasks.queries.wish_photo import photos_kept
from tasks.refusals import Reason
from tasks.views.sending import closed_page, sent_or_kept
from tasks.views.wish_tracking import just_sent, remember
from vanguard.lib.refused import Refused


@login_not_required
def wish_new(request: Request, code: str) -> HttpResponse:
    """A resident says what is needed; no account, few fields. What is refused keeps its words and its photos."""
    community = find_community(code)
    if community is None:
        return closed_page(request, code, Reason.COMMUNITY_CLOSED)
    return wish_form(request, community)


def wish_form(request: Request, community: Organization, project: GroupProject | None = None) -> HttpResponse:
    """The one door for wishes; with a `project`, a group is asked for that, and the community passes it on."""
    page = partial(_page, request, community, project=project)
    if request.method != "POST":
        return page(WishForm(community=community, initial={"category": project.category} if project else None))
    if not count_try(request, "wish_sent"):
        # Its photos are not even opened: opening them is what costs.
        return page(WishForm(request.POST, community=community), too_often=True)
    form = WishForm(request.POST, request.FILES, community=community)
    wish = _sent(request, community, form, project)
    if wish is None:
        return page(form)
    remember(request, wish)
    just_sent(request, _draft_of(community, project))
    messages.success(request, _("Your wish has been sent. Keep this number: %(number)s") % {"number": wish.number})
    return redirect("wish_tracked", wish.number)


def _draft_of(community: Organization, project: GroupProject | None) -> str:
    return f"wish-{community.code}-{project.pk}" if project else f"wish-{community.code}"


def _sent(request: Request, community: Organization, form: WishForm, project: GroupProject | None) -> Wish | None:
    def send(key: UUID) -> Wish:
        photos = form.cleaned_data["photos"]
        try:
            return send_wish(community, **form.said, photos=photos, sent_once=key, project=project, by=request.actor)
        except Refused as refused:
            if refused.reason == Reason.NO_PHOTOS_OF_MINORS:  # so staff has found, whatever the form says
                form.cleaned_data["for_minor"] = True
            raise

    def keep(key: UUID) -> None:
        data = form.cleaned_data
        keep_photos(key, data.get("photos", []), for_minor=data.get("for_minor", False))

    return sent_or_kept(form, send, keep=keep, drop=drop_kept_photos)


def _page(
    request: Request,
    community: Organization,
    form: WishForm,
    *,
    project: GroupProject | None,
    too_often: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "community": community,
        "project": project,
        "draft": _draft_of(community, project),
        "kept": photos_kept(form.key).count(),
        "too_often": too_often,
    }
    return render(request, "tasks/wish/new.html", context, status=429 if too_often else 200)
