"""Red steward posts: who looks after what, what is open to a member, and what waits to be decided."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Member, Organization, Role, User
from accounts.models.organization import at_or_below
from accounts.queries.appointment import is_the_only_secretary, people_of
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.models.steward_post import homes_of
from vanguard.lib.fingerprint import fingerprint

DIGITS = re.compile(r"(\d+)")
AT_A_TIME = 10  # applications that a member's own page shows


def keepers_of(place: Organization) -> list[User]:
    """Who keeps its posts today, each once; for a compound its community's staff too."""
    return keepers_by_place([place])[place.pk]


def keepers_by_place(places: Iterable[Organization]) -> dict[int, list[User]]:
    """Who keeps the posts of each of these places today; one query, however many."""
    wanted = {place.pk: place for place in places}
    keys = {key for place in wanted.values() for key in (place.pk, place.community.pk)}
    staff = people_of(keys, roles=roles_with(Ability.KEEP_POSTS), day=timezone.localdate())
    return {
        pk: list({user.pk: user for key in (pk, place.community.pk) for user in staff.get(key, [])}.values())
        for pk, place in wanted.items()
    }


def places_with_posts(actor: Actor) -> QuerySet[Organization]:
    """For which places the actor may open posts: the community, or the compound, and the compounds below."""
    assert actor.organization is not None
    return Organization.objects.within(actor.organization.path).in_use().order_by("path")


def current_term(post: StewardPost) -> StewardTerm | None:
    """Who holds the post at present."""
    return StewardTerm.objects.current().filter(post=post).select_related("member__user", "member__home").first()


def with_holder(posts: QuerySet[StewardPost]) -> QuerySet[StewardPost]:
    """Each with its place, how many have `applied` and, in `holding`, the current term: two queries, however many."""
    current = StewardTerm.objects.current().select_related("member__user", "member__home")
    applied = Count("applications", filter=Q(applications__status=StewardApplication.Status.APPLIED))
    posts = posts.select_related("compound").annotate(applied=applied)
    return posts.prefetch_related(Prefetch("terms", current, to_attr="holding"))


# --- who looks after what ---------------------------------------------------------------------


@dataclass
class Row:
    """A building or facility with the posts of each kind, for a table of who looks after what."""

    place: Organization
    subject: str
    posts: dict[str, list[StewardPost]] = field(default_factory=dict)

    @property
    def cells(self) -> list[tuple[str, list[StewardPost]]]:
        """By kind, in the order of the columns: its name, and its posts, of which there is at most one."""
        return [(str(kind.label), self.posts.get(kind, [])) for kind in StewardPost.Kind]


def who_looks_after_what(actor: Actor, place: int | None = None) -> list[Row]:
    """The posts that are not closed, by place and subject, 2 before 10; of one `place` only, where it is given."""
    posts = StewardPost.objects.visible_to(actor).living()
    if place is not None:
        posts = posts.filter(compound=place)
    rows: dict[tuple[int, str], Row] = {}
    for post in with_holder(posts):
        row = rows.setdefault((post.compound_id, post.subject), Row(post.compound, post.subject))
        row.posts.setdefault(post.kind, []).append(post)
    return sorted(rows.values(), key=lambda row: (row.place.path, in_people_s_order(row.subject)))


def places_looked_after(actor: Actor) -> list[Organization]:
    """The places that have posts, in the tree's order."""
    posts = StewardPost.objects.visible_to(actor).living()
    return list(Organization.objects.filter(pk__in=posts.values("compound")).order_by("path"))


def in_people_s_order(subject: str) -> list[tuple[int, int, str]]:
    """A key by which 2 幢 comes before 10 幢."""
    parts = DIGITS.split(subject)
    return [(1, 0, part) if n % 2 == 0 else (0, int(part), "") for n, part in enumerate(parts) if part]


def lives_within(member: Member, place: Organization) -> bool:
    """Whether a member's home lies in the place of a post: the compound, or the community with all its compounds."""
    return member.home is not None and member.home.lies_within(place.path)


# --- a member's own ---------------------------------------------------------------------------


def terms_of(member: Member) -> QuerySet[StewardTerm]:
    """The posts that the member holds at present, the one that ends first on top."""
    return StewardTerm.objects.current().filter(member=member).select_related("post__compound").order_by("until", "pk")


def asked_of(member: Member) -> QuerySet[StewardApplication]:
    """What the member is asked to take on and has not answered."""
    asked = StewardApplication.objects.filter(member=member, status=StewardApplication.Status.ASKED)
    return asked.select_related("post__compound")


def applications_of(member: Member) -> QuerySet[StewardApplication]:
    """What the member has offered to take on, the newest first: a few."""
    said = StewardApplication.objects.filter(member=member).exclude(status=StewardApplication.Status.ASKED)
    return said.select_related("post__compound").order_by("-pk")[:AT_A_TIME]


def posts_open_to(member: Member) -> QuerySet[StewardPost]:
    """Open posts where the member lives, without those they have offered to take on; the own compound's first."""
    pending = StewardApplication.objects.pending().filter(post=OuterRef("pk"), member=member)
    posts = StewardPost.objects.filter(~Exists(pending), status=StewardPost.Status.OPEN, compound__in=homes_of(member))
    return posts.select_related("compound").order_by("-compound__path", "subject", "kind", "pk")


# --- what waits for the staff -----------------------------------------------------------------


def applications_to_decide(actor: Actor) -> QuerySet[StewardApplication]:
    """What waits for this actor, oldest first: never their own; for the city what concerns an only secretary."""
    Status = StewardApplication.Status
    waiting = StewardApplication.objects.filter(status=Status.APPLIED).exclude(member__user=actor.user)
    if actor.can(Ability.KEEP_POSTS):
        waiting = waiting.filter(at_or_below("post__compound__path", actor.home_paths))
    elif actor.role == Role.CITY_OFFICER:
        of_an_only_secretary = is_the_only_secretary("member__user", "post__compound")
        waiting = waiting.filter(at_or_below("post__compound__path", actor.home_paths)).filter(of_an_only_secretary)
    else:
        return waiting.none()
    return waiting.select_related("post__compound", "member__user", "member__home", "succeeds").order_by(
        "created_at", "pk"
    )


def decides(actor: Actor, application: StewardApplication) -> bool:
    """Whether this actor has a say on an application; that it is not their own is asked apart."""
    if actor.can(Ability.KEEP_POSTS):
        return actor.can(Ability.KEEP_POSTS, application.post.compound)
    return applications_to_decide(actor).filter(pk=application.pk).exists()


def deciders_of(place: Organization, applicant: User) -> list[User]:
    """Who decides today on an application for a post there: who keeps it, or the city where that is the applicant alone."""
    keepers = keepers_of(place)
    others = [user for user in keepers if user != applicant]
    if others or not keepers:
        return others
    city = Organization.objects.get(path=place.city_path)
    officers = people_of([city.pk], roles=[Role.CITY_OFFICER], day=timezone.localdate()).get(city.pk, [])
    return [user for user in officers if user != applicant]


def post_seen(post: StewardPost) -> str:
    """What a form to change it is opened with, so that nobody overwrites what somebody else has just changed."""
    return fingerprint(post.kind, post.subject, post.duties, post.term_months)
