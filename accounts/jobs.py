from datetime import timedelta

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from accounts.actions.notice import mail_next_notice
from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_writing import write_roster
from accounts.models import Beat, RosterImport

MAILS_A_ROUND = 200


@shared_task(name="accounts.jobs.relay_notices")
def relay_notices() -> None:
    """Mail waiting notices one by one, until none waits or the round is full."""
    for _ in range(MAILS_A_ROUND):
        if not mail_next_notice():
            return


@shared_task(name="accounts.jobs.check_roster_import")
def check_roster_import(import_id: int) -> None:
    check_roster(import_id)


@shared_task(name="accounts.jobs.write_roster_import")
def write_roster_import(import_id: int) -> None:
    write_roster(import_id)


@shared_task(name="accounts.jobs.resume_roster_imports")
def resume_roster_imports() -> None:
    """Check and write what waits, and what a worker that died has left behind."""
    Status = RosterImport.Status
    free = Q(leased_until=None) | Q(leased_until__lte=timezone.now())
    left = RosterImport.objects.filter(free, status__in=[Status.WAITING, Status.RUNNING, Status.APPLYING])
    for import_id, status in left.order_by("pk").values_list("pk", "status"):
        write_roster(import_id) if status == Status.APPLYING else check_roster(import_id)


@shared_task(name="accounts.jobs.beat")
def beat() -> None:
    """Show that clock, broker and worker are alive; /healthz reads the newest row."""
    now = timezone.now()
    Beat.objects.get_or_create(job="beat", period=f"{now:%Y%m%d%H%M}{now.second // 15}")
    Beat.objects.filter(job="beat", at__lt=now - timedelta(hours=1)).delete()
