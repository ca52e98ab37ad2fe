from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.actions.notice import mail_next_notice
from accounts.models import Beat

MAILS_A_ROUND = 200


@shared_task(name="accounts.jobs.relay_notices")
def relay_notices() -> None:
    """Mail waiting notices one by one, until none waits or the round is full."""
    for _ in range(MAILS_A_ROUND):
        if not mail_next_notice():
            return


@shared_task(name="accounts.jobs.beat")
def beat() -> None:
    """Show that clock, broker and worker are alive; /healthz reads the newest row."""
    now = timezone.now()
    Beat.objects.get_or_create(job="beat", period=f"{now:%Y%m%d%H%M}{now.second // 15}")
    Beat.objects.filter(job="beat", at__lt=now - timedelta(hours=1)).delete()
