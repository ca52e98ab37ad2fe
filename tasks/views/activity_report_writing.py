"""The form in which an activity's report is written, gone on with and corrected; nothing typed is lost, and no photo."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Request
from accounts.refusals import Reason as AccountsReason
from tasks.actions.activity_report import begin_report, keep_photos, rewrite_report
from tasks.actions.photo import drop
from tasks.forms.activity_report import ActivityReportForm
from tasks.models import ActivityPhoto, ActivityReport, Task
from tasks.queries.activity_report import may_be_reported, report_seen
from tasks.queries.photo import kept_with
from tasks.queries.turnout import held, turnout
from tasks.refusals import Reason
from tasks.views.own_task import own_task_at
from tasks.views.sending import sent_or_kept
from vanguard.lib.refused import Refused


def activity_report_write(request: Request, pk: int) -> HttpResponse:
    """Say how an own activity went: as a draft or published at once; what is published is corrected."""
    task = own_task_at(request, pk)
    report = _report(task)
    form = ActivityReportForm(request.POST or None, request.FILES or None, report=report)
    if request.method == "POST":
        written = _written(request, task, report, form)
        if written:
            _say(request, written, before=report)
            return redirect("activity_report", written.pk)
        report = _report(task)  # somebody else may have begun it meanwhile
    now = timezone.now()
    context = {
        "form": form,
        "task": task,
        "report": report,
        "turnout": turnout(held(task, now)),
        "may_be_reported": bool(report) or may_be_reported(task, now),
        "photos": report.photos.all() if report else (),
        "kept": kept_with(ActivityPhoto, form.key).count(),
        "changed_meanwhile": form.data.get("seen") != request.POST.get("seen"),
    }
    return render(request, "tasks/activity_report/write.html", context)


def _written(
    request: Request, task: Task, report: ActivityReport | None, form: ActivityReportForm
) -> ActivityReport | None:
    """The report that the form has become; nothing, with its photos kept, where it was refused."""

    def write(key: UUID) -> ActivityReport:
        publish = request.POST.get("do") == "publish"
        said = {**form.said, "publish": publish, "sent_once": key, "by": request.actor}
        try:
            if report is None:
                return begin_report(task, **said)
            leave_out = form.cleaned_data.get("leave_out", [])
            rewrite_report(report, **said, leave_out=leave_out, seen=form.cleaned_data["seen"])
        except Refused as refused:
            if refused.reason in (AccountsReason.STATE_CHANGED, Reason.ACTIVITY_REPORTED):
                form.meant_for(report_seen(_report(task)))
            raise
        return report

    return sent_or_kept(
        form,
        write,
        keep=lambda key: keep_photos(task, key, form.cleaned_data.get("photos", [])),
        drop=lambda key: drop(kept_with(ActivityPhoto, key)),
    )


def _report(task: Task) -> ActivityReport | None:
    return ActivityReport.objects.filter(task=task).first()


def _say(request: Request, written: ActivityReport, *, before: ActivityReport | None) -> None:
    written.refresh_from_db(fields=["status"])
    if written.status == ActivityReport.Status.DRAFT:
        messages.success(request, _("Saved. Only those who publish here see it."))
    elif before and before.status == ActivityReport.Status.PUBLISHED:
        messages.success(request, _("Corrected. Readers see the new words."))
    else:
        messages.success(request, _("Published. The members of the community can read it."))
