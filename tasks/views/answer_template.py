from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.answer_template import add_template, remove_template
from tasks.forms.answer_template import AnswerTemplateForm
from tasks.queries.answer_template import templates_for
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of


def wish_templates(request: Request) -> HttpResponse:
    """The words that the community often says: its own to add and remove, and its city's."""
    request.actor.require(Ability.HANDLE_WISHES)
    community = request.actor.organization
    assert community is not None
    form = AnswerTemplateForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: add_template(community, **form.cleaned_data, by=request.actor)
    ):
        messages.success(request, _("Kept for next time."))
        return redirect("wish_templates")
    context = {"form": form, "page": page_of(request, templates_for(community)), "community": community}
    return render(request, "tasks/answer_template/list.html", context)


@require_POST
def wish_template_remove(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.HANDLE_WISHES)
    assert request.actor.organization is not None
    template = get_object_or_404(templates_for(request.actor.organization).select_related("organization"), pk=pk)
    attempt(request, lambda: remove_template(template, by=request.actor), _("Removed."))
    return redirect("wish_templates")
