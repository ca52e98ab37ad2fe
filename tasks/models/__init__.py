from tasks.models.rule import YearRule
from tasks.models.wish import Wish, WishContact
from tasks.models.answer_template import AnswerTemplate
from tasks.models.boundary import BoundaryLine
from tasks.models.task import Task
from tasks.models.shift import Shift
from tasks.models.helper_group import GroupMembership, HelperGroup
from tasks.models.group_claim import GroupClaim
from tasks.models.claim import Claim
from tasks.models.wish_photo import WishPhoto
from tasks.models.steward_post import StewardPost, StewardTerm
from tasks.models.steward_application import StewardApplication
from tasks.models.steward_log import StewardLog

__all__ = [
    "AnswerTemplate",
    "BoundaryLine",
    "Claim",
    "GroupClaim",
    "GroupMembership",
    "HelperGroup",
    "Shift",
    "StewardApplication",
    "StewardLog",
    "StewardPost",
    "StewardTerm",
    "Task",
    "Wish",
    "WishContact",
    "WishPhoto",
    "YearRule",
]
