from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from flags.actions.appeal_time import chase_late_appeals
from flags.actions.dossier import reseal_corrected_dossiers
from flags.actions.dossier_opinion import share_opinions
from flags.actions.nightly import rebuild_tonight
from flags.actions.reminder import chase_unconfirmed_shifts, tell_streets_of_unconfirmed_shifts
from flags.actions.report import build_reports
from flags.models import ReportRun
from vanguard.lib.in_turn import do_in_turn


@shared_task(name="flags.jobs.build_report")
def build_report(run_id: int) -> None:
    build_reports(run_id)


@shared_task(name="flags.jobs.resume_report_runs")
def resume_report_runs() -> None:
    """Build what waits, and what a worker that died has left behind."""
    left = Q(status=ReportRun.Status.WAITING) | Q(status=ReportRun.Status.RUNNING, leased_until__lte=timezone.now())
    for run_id in ReportRun.objects.filter(left).order_by("pk").values_list("pk", flat=True):
        build_reports(run_id)


@shared_task(name="flags.jobs.chase_unconfirmed")
def chase_unconfirmed() -> None:
    do_in_turn([chase_unconfirmed_shifts, tell_streets_of_unconfirmed_shifts])


@shared_task(name="flags.jobs.chase_appeals")
def chase_appeals() -> None:
    chase_late_appeals()


@shared_task(name="flags.jobs.rebuild_reports")
def rebuild_reports() -> None:
    rebuild_tonight()


@shared_task(name="flags.jobs.keep_dossiers")
def keep_dossiers() -> None:
    """Opinions that waited long enough are shared; sealed dossiers that the ledger contradicts get a new version."""
    do_in_turn([share_opinions, reseal_corrected_dossiers])
