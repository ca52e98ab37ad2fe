from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.models.appointment import Appointment, Role
from accounts.models.skill import Skill
from accounts.models.interest import Interest
from accounts.models.member import DistinctMembers, Exemption, Member, PastRetirement, UnitMembership
from accounts.models.check_in import CheckIn
from accounts.models.roster import DistinctEntries, Roster, RosterEntry
from accounts.models.roster_import import RosterImport, RosterImportLine
from accounts.models.unit_news import UnitNews
from accounts.models.record import Record, RecordReason
from accounts.models.notice import Notice
from accounts.models.notice_topic import Topic
from accounts.models.consent import Consent
from accounts.models.beat import Beat
from accounts.models.feedback import Feedback

__all__ = [
    "Appointment",
    "Beat",
    "CheckIn",
    "Consent",
    "DistinctEntries",
    "DistinctMembers",
    "Exemption",
    "Feedback",
    "Interest",
    "Member",
    "Notice",
    "Organization",
    "PastRetirement",
    "Record",
    "RecordReason",
    "Role",
    "Roster",
    "RosterEntry",
    "RosterImport",
    "RosterImportLine",
    "Skill",
    "Topic",
    "UnitMembership",
    "UnitNews",
    "User",
]
