"""Who may do what. The only place that turns an appointment into organizations and abilities.

domain.md: one hat at a time. A person acts under one appointment, or as the member they are; hats never add up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q, TextChoices
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Member, Organization, Role, User
from accounts.models.appointment import KIND_OF_ROLE
from accounts.models.organization import at_or_below


class Ability(TextChoices):
    """What a hat may do; the label is how the person under it reads it."""

    REVIEW_CHECK_INS = "REVIEW_CHECK_INS", _("Review check-ins and changes of members' details")
    STAND_IN = "STAND_IN", _("Decide on the check-in and the suggestions of a community's only secretary")
    SEE_RESIDENT_MEMBERS = (
        "SEE_RESIDENT_MEMBERS",
        _("See the members who live there, and where they differ from the roster"),
    )
    HANDLE_WISHES = "HANDLE_WISHES", _("Take in, verify and publish wishes")
    KEEP_GROUPS = "KEEP_GROUPS", _("Found, keep and dissolve helper groups, and ask them for what they offer")
    PUBLISH = "PUBLISH", _("Publish tasks")
    SEE_CLAIMS = "SEE_CLAIMS", _("See who has taken a place")
    CONFIRM = "CONFIRM", _("Confirm services, which lights flags")
    PROPOSE = "PROPOSE", _("Propose confirmations to the community")
    SEE_UNITS = "SEE_UNITS", _("See units' members and figures")
    BUILD_REPORTS = "BUILD_REPORTS", _("Have reports built")
    SEE_FIGURES = "SEE_FIGURES", _("See communities' figures")
    KEEP_ROSTER = "KEEP_ROSTER", _("Keep the unit's roster: import it, mend it, read what communities tell")
    MERGE_ROSTERS = "MERGE_ROSTERS", _("Say which lines of rosters name one person twice")
    MERGE_MEMBERS = "MERGE_MEMBERS", _("Make one member of a person who has two accounts")
    SEE_MATCHING = "SEE_MATCHING", _("See whom of a unit's roster agrees and who has not checked in")
    REMIND = "REMIND", _("Remind members who have not checked in")
    KEEP_STANDING = "KEEP_STANDING", _("Record retirement and exemptions")
    APPOINT = "APPOINT", _("Appoint people and end appointments")
    KEEP_ORGANIZATIONS = "KEEP_ORGANIZATIONS", _("Add, rename, merge and close organizations")
    CLAIM = "CLAIM", _("Take places in shifts")
    ANSWER_SUGGESTIONS = "ANSWER_SUGGESTIONS", _("Read, answer and decide on suggestions")
    KEEP_POSTS = "KEEP_POSTS", _("Keep red steward posts, and decide who holds them")
    KEEP_RULE = "KEEP_RULE", _("Set the year's rule")
    LOCK_YEAR = "LOCK_YEAR", _("Lock a year's reports and correct them")
    KEEP_LEDGER = (
        "KEEP_LEDGER",
        _("Keep the flag ledger: award for other matters, enter services afterwards, take flags back"),
    )
    ANSWER_APPEALS = "ANSWER_APPEALS", _("Answer appeals of members")
    DECIDE_APPEALS = "DECIDE_APPEALS", _("Decide appeals of members")
    SEE_DOSSIERS = "SEE_DOSSIERS", _("See members' dossiers and have them sealed")
    WRITE_OPINIONS = "WRITE_OPINIONS", _("Write the community's or the unit's opinion into members' dossiers")


A = Ability

ABILITIES: dict[Role, frozenset[Ability]] = {
    Role.CITY_OFFICER: frozenset(
        {
            A.STAND_IN,
            A.PUBLISH,
            A.SEE_CLAIMS,
            A.CONFIRM,
            A.SEE_RESIDENT_MEMBERS,
            A.SEE_UNITS,
            A.BUILD_REPORTS,
            A.SEE_FIGURES,
            A.SEE_MATCHING,
            A.MERGE_ROSTERS,
            A.MERGE_MEMBERS,
            A.KEEP_STANDING,
            A.APPOINT,
            A.KEEP_ORGANIZATIONS,
            A.KEEP_RULE,
            A.LOCK_YEAR,
            A.KEEP_LEDGER,
            A.DECIDE_APPEALS,
            A.SEE_DOSSIERS,
        }
    ),
    Role.INSPECTOR: frozenset({A.SEE_UNITS, A.SEE_FIGURES}),
    Role.STREET_OFFICER: frozenset({A.SEE_FIGURES}),
    Role.SECRETARY: frozenset(
        {
            A.REVIEW_CHECK_INS,
            A.SEE_RESIDENT_MEMBERS,
            A.HANDLE_WISHES,
            A.KEEP_GROUPS,
            A.PUBLISH,
            A.SEE_CLAIMS,
            A.CONFIRM,
            A.ANSWER_SUGGESTIONS,
            A.KEEP_POSTS,
            A.KEEP_LEDGER,
            A.ANSWER_APPEALS,
            A.SEE_DOSSIERS,
            A.WRITE_OPINIONS,
        }
    ),
    Role.BRANCH_SECRETARY: frozenset({A.PUBLISH, A.SEE_CLAIMS, A.PROPOSE, A.KEEP_POSTS}),
    Role.UNIT_OFFICER: frozenset(
        {
            A.SEE_UNITS,
            A.BUILD_REPORTS,
            A.KEEP_ROSTER,
            A.MERGE_ROSTERS,
            A.SEE_MATCHING,
            A.REMIND,
            A.KEEP_STANDING,
            A.ANSWER_APPEALS,
            A.SEE_DOSSIERS,
            A.WRITE_OPINIONS,
        }
    ),
}
MEMBER_ABILITIES = frozenset({A.CLAIM})

# Seeing reaches down the whole subtree; doing stays with one's own organization and, for a community, its compounds.
OVERSIGHT = frozenset(
    {A.SEE_RESIDENT_MEMBERS, A.SEE_CLAIMS, A.SEE_UNITS, A.BUILD_REPORTS, A.SEE_FIGURES, A.SEE_MATCHING, A.SEE_DOSSIERS}
)
# What a city does to its own tree: the organizations below it are the very object.
GOVERNING = frozenset(
    {
        A.APPOINT,
        A.KEEP_ORGANIZATIONS,
        A.KEEP_STANDING,
        A.MERGE_ROSTERS,
        A.MERGE_MEMBERS,
        A.STAND_IN,
        A.KEEP_RULE,
        A.LOCK_YEAR,
        A.KEEP_LEDGER,
        A.DECIDE_APPEALS,
    }
)


def roles_with(ability: Ability) -> list[Role]:
    """Every role whose hats have `ability`."""
    return [role for role, abilities in ABILITIES.items() if ability in abilities]


def reaches_down(role: Role, ability: Ability) -> bool:
    """Whether `role` has `ability` also for what stands below its own organization."""
    return ability in OVERSIGHT | GOVERNING or KIND_OF_ROLE[role] == Organization.Kind.COMMUNITY


@dataclass(frozen=True)
class Actor:
    """A person under one hat; without a hat a resident, a visitor or, with no person at all, the clock."""

    user: User | None = None
    appointment: Appointment | None = None
    member: Member | None = None

    def __str__(self) -> str:
        """As whom the person acts, in words: the organization and the role."""
        words = [str(self.place or ""), self.role_words] if self.role else [str(self.user or "")]
        return " · ".join(filter(None, words))

    @property
    def is_member(self) -> bool:
        return self.member is not None

    @property
    def role(self) -> str:
        if self.appointment:
            return self.appointment.role
        return "MEMBER" if self.member else ""

    @property
    def organization(self) -> Organization | None:
        return self.appointment.organization if self.appointment else None

    @property
    def role_words(self) -> str:
        """The role as people read it; nothing without a hat."""
        if self.appointment:
            return self.appointment.get_role_display()
        return gettext("Member") if self.member else ""

    @property
    def place(self) -> Organization | None:
        """What the hat is worn for: an appointment's organization, or where a member lives."""
        return self.member.home if self.member else self.organization

    @property
    def administers(self) -> bool:
        """Whether nobody acts for an organization, but the platform itself: its administrator, or the clock."""
        return not self.role and (self.user is None or self.user.is_staff)

    @property
    def abilities(self) -> frozenset[Ability]:
        if self.appointment:
            return ABILITIES[Role(self.appointment.role)]
        return MEMBER_ABILITIES if self.member else frozenset()

    @property
    def home_paths(self) -> tuple[str, ...]:
        """The subtrees of the place where people live that this hat looks after."""
        if self.organization is None or self.organization.kind == Organization.Kind.WORK_UNIT:
            return ()
        return (self.organization.path,)

    @property
    def reviewing_paths(self) -> tuple[str, ...]:
        """The subtrees whose check-ins, addresses and all, this hat reviews."""
        return self.home_paths if A.REVIEW_CHECK_INS in self.abilities else ()

    @property
    def sees_contacts(self) -> bool:
        """Whether this hat needs members' phones and addresses in full: to review them, or to keep the roster."""
        return bool(self.abilities & {A.REVIEW_CHECK_INS, A.KEEP_ROSTER})

    @property
    def unit_paths(self) -> tuple[str, ...]:
        """The subtrees of work units whose members and figures this hat sees."""
        return (self.organization.path,) if self.organization and A.SEE_UNITS in self.abilities else ()

    @property
    def roster_paths(self) -> tuple[str, ...]:
        """The subtrees of work units whose rosters this hat keeps."""
        return (self.organization.path,) if self.organization and A.KEEP_ROSTER in self.abilities else ()

    @property
    def governed_paths(self) -> tuple[str, ...]:
        """The subtrees whose organizations and appointments this hat keeps."""
        governs = self.abilities & {A.APPOINT, A.KEEP_ORGANIZATIONS}
        return (self.organization.path,) if self.organization and governs else ()

    def can(self, ability: Ability, organization: Organization | None = None) -> bool:
        """Whether this hat has `ability` and, where given, whether it reaches `organization`."""
        own = self.organization
        if ability not in self.abilities:
            return False
        if organization is None or own is None or organization.pk == own.pk:
            return True
        return reaches_down(Role(self.role), ability) and organization.lies_within(own.path)

    def publishes_for(self, field: str) -> Q:
        """The condition that this hat publishes in the name of the organization in `field`: what `can` says, asked of rows."""
        own = self.organization
        if own is None or A.PUBLISH not in self.abilities:
            return Q(pk__in=[])
        if reaches_down(Role(self.role), A.PUBLISH):
            return at_or_below(f"{field}__path", [own.path])
        return Q(**{field: own})

    def require(self, ability: Ability, organization: Organization | None = None) -> None:
        if not self.can(ability, organization):
            raise PermissionDenied

    def require_any(self, *abilities: Ability) -> None:
        if not any(self.can(ability) for ability in abilities):
            raise PermissionDenied

    def require_governing(self, ability: Ability, organization: Organization | None = None) -> None:
        """As `require`, but the platform itself, which wears no hat, has been let in where it came from."""
        if not self.administers:
            self.require(ability, organization)

    def is_person(self, member: Member) -> bool:
        """Whether `member` is the very person who acts, under an account that was merged too: nobody decides on oneself."""
        if self.user is None:
            return False
        own = getattr(self.user, "member", None) if member.merged_into_id else None
        return member.user_id == self.user.pk or (own is not None and own.pk == member.merged_into_id)


CLOCK = Actor()


class Request(HttpRequest):
    """What every view receives: Django's request with the actor that ActorMiddleware adds."""

    user: User
    actor: Actor
    hats: "Hats"
    htmx: object


Hats = Mapping[str, Actor]


def hats_of(user: User | AnonymousUser) -> Iterator[tuple[str, Actor]]:
    """Every hat that `user` may put on today, with the key that the session keeps."""
    if not isinstance(user, User):
        return
    day = timezone.localdate()
    for appointment in user.appointments.prefetch_related("organization"):  # of a lifetime: few, and every page asks
        if appointment.is_in_force(day):
            yield f"appointment-{appointment.pk}", Actor(user=user, appointment=appointment)
    member = getattr(user, "member", None)
    if member:
        yield "member", Actor(user=user, member=member)


def actor_of(user: User | AnonymousUser, hat: str = "", *, hats: Hats | None = None) -> Actor:
    """The person under the hat they chose, or else under the first they have."""
    if not isinstance(user, User):
        return Actor()
    hats = dict(hats_of(user)) if hats is None else hats
    return hats.get(hat) or next(iter(hats.values()), Actor(user=user))
