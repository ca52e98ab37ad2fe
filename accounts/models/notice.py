from datetime import date, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from vanguard.lib.saying import day_words, moment_words


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at=None)


class Notice(models.Model):
    """A message to a person: in the inbox as soon as its cause has happened, and from there by mail."""

    class Kind(models.TextChoices):
        """The sentence of each kind; `params` of the notice fill its placeholders in the reader's language."""

        CHECK_IN_APPROVED = "CHECK_IN_APPROVED", _("%(community)s has approved your check-in.")
        CHECK_IN_RETURNED = "CHECK_IN_RETURNED", _("%(community)s has returned your check-in: %(reason)s")
        CHECK_IN_REMINDER = "CHECK_IN_REMINDER", _("%(unit)s asks you to check in to the community you live in.")
        UNIT_NEWS = "UNIT_NEWS", _("%(source)s has news of your members. Please mark it as read.")
        STANDING_CHANGED = (
            "STANDING_CHANGED",
            _("%(organization)s has changed your retirement or exemption. Have a look."),
        )
        ROSTER_CHECKED = (
            "ROSTER_CHECKED",
            _("Your list %(file)s has been checked. Nothing is written before you say so."),
        )
        ROSTER_APPLIED = "ROSTER_APPLIED", _("Your list %(file)s has been imported.")
        APPOINTED = "APPOINTED", _("You have been appointed for %(organization)s. See what you may do.")
        APPOINTMENT_ENDED = "APPOINTMENT_ENDED", _("Your appointment for %(organization)s ends.")
        COMMUNITY_MERGED = "COMMUNITY_MERGED", _("%(old)s is now part of %(new)s. You need not check in again.")
        MEMBERS_MERGED = "MEMBERS_MERGED", _("Your two accounts are one now. The flags of both count together.")
        CLAIM_MADE = "CLAIM_MADE", _("You have a place: %(task)s, %(time)s.")
        CLAIM_CONFIRMED = "CLAIM_CONFIRMED", _("%(flags)s flags lit: %(task)s.")
        CLAIM_ABSENT = "CLAIM_ABSENT", _("Noted as absent: %(task)s, %(time)s.")
        PLACE_FREED = "PLACE_FREED", _("A place became free and is yours: %(task)s, %(time)s.")
        PLACE_OFFERED = (
            "PLACE_OFFERED",
            _("A place became free: %(task)s, %(time)s. Accept it by %(until)s, or the next one gets it."),
        )
        OFFER_EXPIRED = "OFFER_EXPIRED", _("The place offered to you has gone to the next one: %(task)s, %(time)s.")
        STAND_IN_SOUGHT = "STAND_IN_SOUGHT", _("Somebody looks for a stand-in: %(task)s, %(time)s. Can you come?")
        STAND_IN_FOUND = "STAND_IN_FOUND", _("Somebody has taken your place: %(task)s, %(time)s. You need not come.")
        TASK_CHANGED = "TASK_CHANGED", _("%(task)s has changed. Have a look at place, contact and what to bring.")
        SHIFT_MOVED = "SHIFT_MOVED", _("%(task)s has been moved: it is now %(time)s.")
        SHIFT_MOVED_ASKED = (
            "SHIFT_MOVED_ASKED",
            _("%(task)s has been moved to %(time)s, when you have another place. Say whether you come."),
        )
        SHIFT_CANCELLED = "SHIFT_CANCELLED", _("%(task)s, %(time)s, has been cancelled: %(reason)s")
        GROUP_INVITED = "GROUP_INVITED", _("You are invited to the group %(group)s. Say whether you join.")
        GROUP_LED = "GROUP_LED", _("You now lead the group %(group)s. You can claim places for its members.")
        GROUP_PLACE = (
            "GROUP_PLACE",
            _("%(group)s has a place for you: %(task)s, %(time)s. Decline it if you cannot come."),
        )
        GROUP_WAITS = "GROUP_WAITS", _("%(group)s has put you on the waiting list: %(task)s, %(time)s.")
        GROUP_PLACES = "GROUP_PLACES", _("%(group)s has its places: %(task)s, %(time)s.")
        GROUP_PLACE_DECLINED = (
            "GROUP_PLACE_DECLINED",
            _("%(name)s cannot come to %(task)s, %(time)s. Name somebody else by %(until)s."),
        )
        GROUP_CALLED_OFF = "GROUP_CALLED_OFF", _("%(group)s has given its places back: %(task)s, %(time)s.")
        GROUP_WAITS_NO_MORE = "GROUP_WAITS_NO_MORE", _("%(group)s no longer waits: %(task)s, %(time)s.")
        TASK_PASSED_DOWN = "TASK_PASSED_DOWN", _("The city asks your community to host “%(task)s” by %(day)s.")
        HOSTING_REMINDER = (
            "HOSTING_REMINDER",
            _("“%(task)s” is not hosted by your community yet; the last day is %(day)s."),
        )
        HOSTED_CANCELLED = (
            "HOSTED_CANCELLED",
            _("The city has called off “%(task)s”: %(reason)s What you host of it is yours to decide."),
        )
        LATE_WITHDRAWAL = "LATE_WITHDRAWAL", _("%(name)s withdrew late from %(task)s: %(reason)s")
        SHIFT_TOMORROW = "SHIFT_TOMORROW", _("Tomorrow: %(task)s, %(time)s, %(place)s.")
        TASK_CANCELLED = "TASK_CANCELLED", _("%(task)s has been cancelled: %(reason)s")
        SHIFT_UNCONFIRMED = "SHIFT_UNCONFIRMED", _("%(task)s ended on %(time)s and still awaits confirmation.")
        WISH_NEWS = "WISH_NEWS", _("%(community)s has news of your wish %(number)s.")
        WISH_LATE = "WISH_LATE", _("The wish %(number)s has waited for your answer for %(days)s working days.")
        WISH_LATE_STREET = (
            "WISH_LATE_STREET",
            _("%(community)s has left a wish unanswered for %(days)s working days."),
        )
        WISH_UNCLAIMED = (
            "WISH_UNCLAIMED",
            _("Nobody has taken “%(task)s” for %(days)s working days. Offer it to more people."),
        )
        WISH_REOPENED = "WISH_REOPENED", _("A resident says “not done”: %(task)s.")
        WISH_TAKEN = "WISH_TAKEN", _("You have taken on “%(task)s”. Call the resident and agree on a time.")
        WISH_REPORTED = "WISH_REPORTED", _("%(name)s reports “%(task)s” as done.")
        WISH_HANDED_BACK = "WISH_HANDED_BACK", _("%(name)s has handed “%(task)s” back: %(reason)s")
        WISH_THANKS = "WISH_THANKS", _("A resident thanks you for “%(task)s”: %(words)s")
        SUGGESTION_ANSWERED = "SUGGESTION_ANSWERED", _("%(community)s has answered your suggestion of %(day)s.")
        SUGGESTION_DECIDED = (
            "SUGGESTION_DECIDED",
            _("%(community)s has decided on your suggestion of %(day)s. Read what and why."),
        )
        SUGGESTION_OUTCOME = "SUGGESTION_OUTCOME", _("%(community)s says what came of your suggestion of %(day)s.")
        SUGGESTION_LATE = (
            "SUGGESTION_LATE",
            _("The suggestion %(number)s has waited for your answer for %(days)s working days."),
        )
        SUGGESTION_LATE_STREET = (
            "SUGGESTION_LATE_STREET",
            _("%(community)s has left a suggestion unanswered for %(days)s working days."),
        )
        FITTING_TASK = (
            "FITTING_TASK",
            _("%(task)s, %(time)s: it fits you and lacks people. You are free to come or not."),
        )
        FITTING_TASKS = (
            "FITTING_TASKS",
            _("%(task)s, %(time)s, and more: they fit you and lack people. You are free to come or not."),
        )
        REPORT_READY = "REPORT_READY", _("The report for %(year)s is ready: %(scope)s.")
        STEWARD_APPLIED = "STEWARD_APPLIED", _("%(name)s would take on the steward post %(post)s.")
        STEWARD_APPROVED = "STEWARD_APPROVED", _("You hold the steward post %(post)s; the last day is %(day)s.")
        STEWARD_DECLINED = (
            "STEWARD_DECLINED",
            _("Your application for the steward post %(post)s was declined: %(reason)s"),
        )
        STEWARD_TAKEN = (
            "STEWARD_TAKEN",
            _("The steward post %(post)s has gone to somebody else. Thank you for offering; see what else is open."),
        )
        STEWARD_ASKED = (
            "STEWARD_ASKED",
            _("You are asked to take on the steward post %(post)s. Say whether you do."),
        )
        STEWARD_ASKED_IN_VAIN = (
            "STEWARD_ASKED_IN_VAIN",
            _("%(name)s does not take on the steward post %(post)s. You can ask somebody else."),
        )
        STEWARD_HANDED_OVER = (
            "STEWARD_HANDED_OVER",
            _("The steward post %(post)s has been handed over. Thank you for what you have done."),
        )
        STEWARD_CHANGED = "STEWARD_CHANGED", _("Your steward post %(post)s has changed: %(reason)s")
        STEWARD_CLOSED = "STEWARD_CLOSED", _("The steward post %(post)s has been closed: %(reason)s")
        STEWARD_ENDED = "STEWARD_ENDED", _("Your term in the steward post %(post)s has been ended: %(reason)s")
        STEWARD_GIVEN_UP = "STEWARD_GIVEN_UP", _("%(name)s has given up the steward post %(post)s. It is open again.")
        STEWARD_ENDS_SOON = (
            "STEWARD_ENDS_SOON",
            _("The term in the steward post %(post)s ends; its last day is %(day)s."),
        )
        STEWARD_OVER = "STEWARD_OVER", _("The term in the steward post %(post)s is over. The post is open again.")
        STEWARD_LOG_DUE = (
            "STEWARD_LOG_DUE",
            _("Write your log of quarter %(number)s of %(year)s for %(post)s: what you saw and did."),
        )
        STEWARD_LOG_MISSING = (
            "STEWARD_LOG_MISSING",
            _("Your log of quarter %(number)s of %(year)s for %(post)s is missing. You can still send it."),
        )
        STEWARD_LOG_SENT = (
            "STEWARD_LOG_SENT",
            _("%(name)s has sent the log of quarter %(number)s of %(year)s for %(post)s."),
        )
        STEWARD_LOG_CONFIRMED = (
            "STEWARD_LOG_CONFIRMED",
            _("Your log of quarter %(number)s of %(year)s for %(post)s is confirmed and lights a flag."),
        )
        STEWARD_LOG_RETURNED = (
            "STEWARD_LOG_RETURNED",
            _("Your log of quarter %(number)s of %(year)s for %(post)s was returned: %(reason)s"),
        )
        ACTIVITY_REPORT_DUE = (
            "ACTIVITY_REPORT_DUE",
            _("“%(task)s” was over on %(day)s. Say in a few words how it went."),
        )
        WALKED_IN = (
            "WALKED_IN",
            _("You came to %(task)s, %(time)s, and were given a place there. If that is wrong, tell the community."),
        )
        UNCONFIRMED_STREET = (
            "UNCONFIRMED_STREET",
            _("%(community)s has left shifts unconfirmed for more than %(days)s days: %(n)s."),
        )

        GROUP_ASKED_TO_JOIN = "GROUP_ASKED_TO_JOIN", _("%(name)s asks to join the group %(group)s. Say yes or no.")
        GROUP_JOINED = "GROUP_JOINED", _("You belong to the group %(group)s now.")
        GROUP_NOT_JOINED = "GROUP_NOT_JOINED", _("The group %(group)s cannot take you in at present: %(reason)s")
        GROUP_TO_LEAD = "GROUP_TO_LEAD", _("You are asked to lead the group %(group)s. Say whether you do.")
        GROUP_LED_BY = "GROUP_LED_BY", _("%(name)s leads the group %(group)s now.")
        GROUP_LED_IN_VAIN = (
            "GROUP_LED_IN_VAIN",
            _("%(name)s does not take on leading the group %(group)s. You can ask somebody else."),
        )
        GROUP_END_WISHED = "GROUP_END_WISHED", _("The leader of the group %(group)s asks to dissolve it: %(reason)s")
        GROUP_DISSOLVED = "GROUP_DISSOLVED", _("The group %(group)s has been dissolved: %(reason)s")
        GROUP_REQUESTED = (
            "GROUP_REQUESTED",
            _("The group %(group)s is asked for “%(project)s”. Say whether you come, and when."),
        )
        GROUP_ACCEPTED = "GROUP_ACCEPTED", _("The group %(group)s comes for “%(project)s”. Make it a task of theirs.")
        GROUP_DECLINED = "GROUP_DECLINED", _("The group %(group)s cannot come for “%(project)s”: %(reason)s")
        GROUP_ASKED_AGAIN = (
            "GROUP_ASKED_AGAIN",
            _(
                "“%(project)s” of the group %(group)s could not be made a task: %(reason)s Choose hours and people anew."
            ),
        )
        GROUP_REQUEST_OFF = (
            "GROUP_REQUEST_OFF",
            _("“%(project)s” of the group %(group)s is no longer needed: %(reason)s"),
        )
        GROUP_REQUEST_LATE = (
            "GROUP_REQUEST_LATE",
            _("The group %(group)s has not answered about “%(project)s” for %(days)s working days."),
        )
        REPORT_LOCKED = "REPORT_LOCKED", _("The city has locked %(year)s. The report of %(unit)s is number %(number)s.")
        REPORT_CORRECTED = (
            "REPORT_CORRECTED",
            _("The city has corrected the report of %(unit)s for %(year)s; it is number %(number)s now: %(reason)s"),
        )
        FLAG_REVOKED = (
            "FLAG_REVOKED",
            _("Taken back: %(flags)s flags for %(what)s. %(reason)s You can appeal; the last day is %(day)s."),
        )
        FLAG_REINSTATED = "FLAG_REINSTATED", _("Lit again: %(flags)s flags for %(what)s. %(reason)s")
        FLAG_AWARDED = "FLAG_AWARDED", _("%(flags)s flags lit: %(what)s.")
        SUGGESTION_BEYOND_TWO = (
            "SUGGESTION_BEYOND_TWO",
            _(
                "Your suggestion of %(day)s is adopted. It lights no flag: two adopted ones a year do, and yours are lit."
            ),
        )
        LATE_ENTRY_WAITS = (
            "LATE_ENTRY_WAITS",
            _("A service was entered afterwards for %(name)s: %(what)s. A second person is asked to look at it."),
        )
        LATE_ENTRY_DECLINED = (
            "LATE_ENTRY_DECLINED",
            _("What you entered afterwards for %(name)s was declined: %(what)s. %(reason)s"),
        )
        APPEAL_SENT = "APPEAL_SENT", _("%(name)s has appealed. Please answer.")
        APPEAL_TO_DECIDE = "APPEAL_TO_DECIDE", _("An appeal awaits your decision: %(organization)s.")
        APPEAL_ANSWERED = "APPEAL_ANSWERED", _("%(organization)s has answered your appeal of %(day)s.")
        APPEAL_DECIDED = "APPEAL_DECIDED", _("The city has decided on your appeal of %(day)s. Read what and why.")
        APPEAL_LATE = "APPEAL_LATE", _("%(name)s has waited for your answer to an appeal for %(days)s working days.")
        APPEAL_UNDECIDED = (
            "APPEAL_UNDECIDED",
            _("An appeal has waited for your decision for %(days)s working days: %(organization)s."),
        )
        OPINION_WRITTEN = (
            "OPINION_WRITTEN",
            _(
                "%(organization)s has written an opinion on your year %(year)s. "
                "You have %(days)s days to answer before others see it."
            ),
        )
        OPINION_ANSWERED = "OPINION_ANSWERED", _("%(name)s has answered your opinion on the year %(year)s.")
        DOSSIER_REPLACED = (
            "DOSSIER_REPLACED",
            _("Your dossier of %(year)s has a new version. Paper with the former number is no longer current."),
        )

    class Mail(models.TextChoices):
        NONE = "NONE", _("No mail")
        WAITING = "WAITING", _("Waiting")
        SENDING = "SENDING", _("Sending")
        SENT = "SENT", _("Sent")
        FAILED = "FAILED", _("Failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    params = models.JSONField(_("details"), default=dict)
    link = models.CharField(_("link"), max_length=200, blank=True)
    once = models.CharField(
        max_length=80, unique=True, null=True, editable=False, help_text="What this notice may be sent for only once."
    )
    created_at = models.DateTimeField(_("written"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mail = models.CharField(_("mail"), max_length=8, choices=Mail, default=Mail.NONE)
    mail_tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    mail_due_at = models.DateTimeField(_("next try"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["mail_due_at"], condition=Q(mail__in=["WAITING", "SENDING"]), name="notice_to_mail"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The sentence in the reader's language; times are kept as ISO 8601 and said as people say them today."""
        params = dict(self.params)
        for name in {"time", "until"} & params.keys():
            params[name] = moment_words(datetime.fromisoformat(params[name]))
        if "day" in params:
            params["day"] = day_words(date.fromisoformat(params["day"]))
        return str(self.Kind(self.kind).label) % params
