from tasks.models.rule import YearRule
from tasks.models.wish import Wish, WishContact
from tasks.models.boundary import BoundaryLine
from tasks.models.task import Task
from tasks.models.shift import Shift
from tasks.models.claim import Claim

__all__ = ["BoundaryLine", "Claim", "Shift", "Task", "Wish", "WishContact", "YearRule"]
