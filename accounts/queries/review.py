"""What a community reviews: each check-in beside the roster line that names the same person, and beside what was before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Ability, Actor
from accounts.models import Appointment, CheckIn, Organization, Role, RosterEntry, UnitMembership, UnitNews
from accounts.models.check_in import CheckInQuerySet
from accounts.models.organization import at_or_below

Detail = UnitNews.Detail


class Verdict(TextChoices):
    """How a check-in compares with the rosters of the city."""

    AGREES = "AGREES", _("Agrees with the roster")
    DIFFERS = "DIFFERS", _("Differs from the roster")
    UNLISTED = "UNLISTED", _("On no roster")


class Field(TextChoices):
    """What is compared, line by line."""

    NAME = "NAME", _("Name")
    PHONE = "PHONE", _("Mobile phone")
    UNIT = "UNIT", _("Work unit")
    COMMUNITY = "COMMUNITY", _("Community")
    ADDRESS = "ADDRESS", _("Address")


@dataclass
class Review:
    """One check-in with the line that names the person best, the approved one before it and the unit of today."""

    check_in: CheckIn
    entry: RosterEntry | None = None
    listed_by: list[Organization] = field(default_factory=list)
    former: CheckIn | None = None
    unit_today: Organization | None = None

    @property
    def unit(self) -> Organization | None:
        """The unit that approving gives: at first the one whose roster has name and phone, later the one asked for.

        Who is on the rosters of two units, or of none, gets the one that was chosen.
        """
        asked = self.check_in.unit or self.unit_today
        if self.unit_today or asked in self.listed_by or len(self.listed_by) != 1:
            return asked
        return self.listed_by[0]

    @property
    def changes(self) -> list[UnitNews.Detail]:
        """What would be other than before; nothing for a first check-in."""
        if self.former is None:
            return []
        old, new = self.former, self.check_in
        phone = new.member.user.phone or ""
        changed = {
            Detail.NAME: self.name != new.member.user.name,
            Detail.COMMUNITY: old.community_id != new.community_id,
            Detail.ADDRESS: (old.compound_id, old.address) != (new.compound_id, new.address),
            Detail.UNIT: self.unit is not None and self.unit != self.unit_today,
            Detail.PHONE: bool(new.phone) and new.phone != phone,
        }
        return [detail for detail, is_changed in changed.items() if is_changed]

    @property
    def change_words(self) -> list[str]:
        return [str(detail.label) for detail in self.changes]

    @property
    def name(self) -> str:
        return self.check_in.name or self.check_in.member.user.name

    @property
    def phone(self) -> str:
        return self.check_in.phone or self.check_in.member.user.phone or ""

    @property
    def differing(self) -> list[Field]:
        """Where the roster line says something else; what it does not say differs from nothing."""
        entry, check_in = self.entry, self.check_in
        if entry is None:
            return []
        differs = {
            Field.NAME: entry.name != self.name,
            Field.PHONE: entry.phone != self.phone,
            Field.UNIT: self.check_in.unit_id not in (None, entry.unit_id),
            Field.COMMUNITY: entry.community_id not in (None, check_in.community_id),
            Field.ADDRESS: entry.compound_id not in (None, check_in.compound_id)
            or bool(entry.address_key and check_in.address_key and entry.address_key != check_in.address_key),
        }
        return [name for name, is_other in differs.items() if is_other]

    @property
    def verdict(self) -> Verdict:
        if self.entry is None:
            return Verdict.UNLISTED
        return Verdict.DIFFERS if self.differing or self.unit is None else Verdict.AGREES

    @property
    def lines(self) -> list[tuple[str, object, object, bool]]:
        """Field, as the member says, as the roster says, whether they differ: for a table side by side."""
        check_in, entry, differing = self.check_in, self.entry, self.differing
        listed = (entry.name, entry.phone, entry.unit, entry.community, entry.lives_at) if entry else ("",) * 5
        said = (self.name, self.phone, check_in.unit, check_in.community, check_in.lives_at)
        return [
            (str(name.label), ours, theirs, name in differing)
            for name, ours, theirs in zip(Field, said, listed, strict=True)
        ]


def check_ins_to_review(actor: Actor) -> CheckInQuerySet:
    """The check-ins on which this hat has a say: a community's own, and for the city that of an only secretary."""
    if actor.can(Ability.REVIEW_CHECK_INS):
        return CheckIn.objects.visible_to(actor)
    if not actor.can(Ability.STAND_IN):
        return CheckIn.objects.none()
    secretaries = Appointment.objects.in_force(timezone.localdate()).filter(
        role=Role.SECRETARY, organization=OuterRef("community")
    )
    own, others = Q(user=OuterRef("member__user")), ~Q(user=OuterRef("member__user"))
    return CheckIn.objects.filter(
        Exists(secretaries.filter(own)),
        ~Exists(secretaries.filter(others)),
        at_or_below("community__path", actor.home_paths),
    )


def pending_check_ins(actor: Actor) -> QuerySet[CheckIn]:
    """What waits for this hat, oldest first."""
    return (
        check_ins_to_review(actor)
        .pending()
        .select_related("member__user", "community", "compound", "unit")
        .order_by("submitted_at", "pk")
    )


def reviewed_check_ins(actor: Actor) -> QuerySet[CheckIn]:
    """What this community has approved, newest first, with what the units were told and who has read it."""
    return (
        check_ins_to_review(actor)
        .filter(approved_on__isnull=False)
        .select_related("member__user", "community", "compound")
        .prefetch_related("news__unit", "news__read_by")
        .order_by("-approved_on", "-pk")
    )


def reviews_of(check_ins: Iterable[CheckIn]) -> list[Review]:
    """Each check-in with what it is compared with, in four queries however many they are.

    Domain rule 1: name and phone match; where nothing does, the same phone, or the same name in the unit that was
    chosen, is shown beside it as the line that differs.
    """
    check_ins = list(check_ins)
    members = [check_in.member_id for check_in in check_ins]
    formers = CheckIn.objects.filter(member__in=members, status=CheckIn.Status.APPROVED)
    former = {row.member_id: row for row in formers.select_related("community", "compound", "unit")}
    today = UnitMembership.objects.on(timezone.localdate()).filter(member__in=members).order_by("starts_on", "pk")
    unit_today = {row.member_id: row.unit for row in today.select_related("unit")}
    entries = _entries_near(check_ins)
    reviews = []
    for check_in in check_ins:
        review = Review(check_in, former=former.get(check_in.member_id), unit_today=unit_today.get(check_in.member_id))
        _compare(review, entries)
        reviews.append(review)
    return reviews


def _entries_near(check_ins: Sequence[CheckIn]) -> dict[tuple, list[RosterEntry]]:
    """Roster lines that may be meant: by city and phone, and by unit and name."""
    phones = {check_in.phone for check_in in check_ins} | {check_in.member.user.phone for check_in in check_ins}
    names = {check_in.name for check_in in check_ins} | {check_in.member.user.name for check_in in check_ins}
    units = {check_in.unit_id for check_in in check_ins if check_in.unit_id}
    named = Q(phone__in=phones - {None, ""}) | Q(name__in=names - {""}, unit__in=units)
    entries = RosterEntry.objects.current().filter(named, unit__closed_on=None)
    near: dict[tuple, list[RosterEntry]] = defaultdict(list)
    for entry in entries.select_related("unit", "community", "compound").order_by("pk"):
        near[entry.unit.city_path, entry.phone].append(entry)
        near[entry.unit_id, entry.name].append(entry)
    return near


def _compare(review: Review, near: dict[tuple, list[RosterEntry]]) -> None:
    check_in = review.check_in
    same_phone = near.get((check_in.community.city_path, review.phone), [])
    exact = [entry for entry in same_phone if entry.name == review.name]
    review.listed_by = [entry.unit for entry in exact]
    by_name = near.get((check_in.unit_id, review.name), [])
    of_chosen_unit = [entry for entry in exact if entry.unit_id == check_in.unit_id]
    review.entry = next(iter([*of_chosen_unit, *exact, *same_phone, *by_name]), None)
