from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.actions.unit_news import read_news
from accounts.models import UnitNews
from accounts.queries.unit_news import news_of_units
from vanguard.lib.choosing import ticked
from vanguard.lib.paging import page_of


@require_GET
def unit_news(request: Request) -> HttpResponse:
    """What the communities tell the unit of its members; unread first."""
    request.actor.require(Ability.KEEP_ROSTER)
    news = news_of_units(request.actor)
    page = page_of(request, news)
    return render(request, "accounts/unit_news.html", {"page": page, "unread": news.unread().count()})


@require_POST
def unit_news_read(request: Request) -> HttpResponse:
    """Mark as read what is ticked on the page: the communities see who read it and when."""
    request.actor.require(Ability.KEEP_ROSTER)
    chosen = UnitNews.objects.visible_to(request.actor).filter(pk__in=ticked(request.POST, "news"))
    count = read_news(chosen, by=request.actor)
    messages.success(request, _("%(n)s marked as read. The community can see it.") % {"n": count})
    return redirect("unit_news")
