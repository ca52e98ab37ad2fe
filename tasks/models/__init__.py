from tasks.models.rule import YearRule
from tasks.models.wish import Wish, WishContact
from tasks.models.answer_template import AnswerTemplate
from tasks.models.boundary import BoundaryLine
from tasks.models.task import Task
from tasks.models.shift import Shift
from tasks.models.helper_group import GroupMembership, HelperGroup
from tasks.models.group_claim import GroupClaim
from tasks.models.claim import Claim
from tasks.models.photo import KeptPhoto
from tasks.models.wish_photo import WishPhoto
from tasks.models.steward_application import StewardApplication
from tasks.models.steward_log import StewardLog
from tasks.models.steward_post import StewardPost, StewardTerm
from tasks.models.suggestion import Suggestion, SuggestionContact, SuggestionPhoto
from tasks.models.calendar_address import CalendarAddress
from tasks.models.activity_report import ActivityPhoto, ActivityReport
from tasks.models.attendance import Attendance, Mark, Tick
from tasks.models.day_note import DayNote, DayPhoto
from tasks.models.fit_offer import FitOffer
from tasks.models.group_project import GroupProject
from tasks.models.group_request import GroupRequest

__all__ = [
    "ActivityPhoto",
    "ActivityReport",
    "AnswerTemplate",
    "Attendance",
    "BoundaryLine",
    "CalendarAddress",
    "Claim",
    "DayNote",
    "DayPhoto",
    "FitOffer",
    "GroupClaim",
    "GroupMembership",
    "GroupProject",
    "GroupRequest",
    "HelperGroup",
    "KeptPhoto",
    "Mark",
    "Shift",
    "StewardApplication",
    "StewardLog",
    "StewardPost",
    "StewardTerm",
    "Suggestion",
    "SuggestionContact",
    "SuggestionPhoto",
    "Task",
    "Tick",
    "Wish",
    "WishContact",
    "WishPhoto",
    "YearRule",
]
