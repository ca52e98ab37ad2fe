from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.models.appointment import Appointment, Role
from accounts.models.member import Exemption, Member, UnitMembership
from accounts.models.check_in import CheckIn
from accounts.models.roster import RosterEntry
from accounts.models.record import Record, RecordReason
from accounts.models.notice import Notice
from accounts.models.consent import Consent
from accounts.models.beat import Beat
from accounts.models.feedback import Feedback

__all__ = [
    "Appointment",
    "Beat",
    "CheckIn",
    "Consent",
    "Exemption",
    "Feedback",
    "Member",
    "Notice",
    "Organization",
    "Record",
    "RecordReason",
    "Role",
    "RosterEntry",
    "UnitMembership",
    "User",
]
