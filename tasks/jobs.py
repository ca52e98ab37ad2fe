from celery import shared_task

from tasks.actions.activity_report_time import ask_for_reports
from tasks.actions.fit_offer import offer_what_fits
from tasks.actions.group_request_time import chase_late_requests
from tasks.actions.photo import forget_kept_photos, sweep_files
from tasks.actions.steward_time import end_terms_that_are_over, remind_stewards
from tasks.actions.suggestion_time import chase_late_suggestions
from tasks.actions.time import end_shifts, open_scheduled_tasks, remind_of_tomorrow
from tasks.actions.waiting import end_waiting, expire_offers, pass_on_what_is_free, release_kept_places
from tasks.actions.wish_time import chase_late_wishes
from vanguard.lib.in_turn import do_in_turn


@shared_task(name="tasks.jobs.keep_time")
def keep_time() -> None:
    """What happens because time passes: tasks open, shifts end, places pass on, tomorrow's claimers are reminded."""
    do_in_turn(
        [
            open_scheduled_tasks,
            end_waiting,
            end_shifts,
            expire_offers,
            release_kept_places,
            pass_on_what_is_free,
            remind_of_tomorrow,
        ]
    )


@shared_task(name="tasks.jobs.sweep_photos")
def sweep_photos() -> None:
    """Photos of forms that were never sent again, and files that a crash has left without a row."""
    forget_kept_photos()
    sweep_files()


@shared_task(name="tasks.jobs.chase_wishes")
def chase_wishes() -> None:
    chase_late_wishes()


@shared_task(name="tasks.jobs.chase_suggestions")
def chase_suggestions() -> None:
    chase_late_suggestions()


@shared_task(name="tasks.jobs.keep_posts")
def keep_posts() -> None:
    """Terms of red stewards that are over end; who holds a post is reminded of its end and of the log."""
    do_in_turn([end_terms_that_are_over, remind_stewards])


@shared_task(name="tasks.jobs.chase_activity_reports")
def chase_activity_reports() -> None:
    ask_for_reports()


@shared_task(name="tasks.jobs.chase_group_requests")
def chase_group_requests() -> None:
    chase_late_requests()


@shared_task(name="tasks.jobs.offer_fitting")
def offer_fitting() -> None:
    offer_what_fits()
