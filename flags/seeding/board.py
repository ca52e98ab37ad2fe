"""Tasks, shifts, claims and awards collected in memory and written in sets."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType

from accounts.models import Appointment, Organization, Record
from flags.models import FlagAward
from flags.seeding.offers import Offer
from flags.seeding.people import BATCH, Resident
from flags.seeding.times import Slot, at
from tasks.models import Claim, GroupClaim, Shift, Task, Wish, WishContact


@dataclass
class Board:
    """What one organization has published. `shift.taken` is kept in step with the claims added."""

    publisher: Organization
    appointments: list[Appointment]
    tasks: list[Task] = field(default_factory=list)
    shifts: list[Shift] = field(default_factory=list)
    group_claims: list[GroupClaim] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    contacts: list[WishContact] = field(default_factory=list)
    awards: list[FlagAward] = field(default_factory=list)

    def task(self, offer: Offer, place: Organization, *, opens_at: datetime, **fields: Any) -> Task:
        """`offer` published by this organization to its own members, held at `place` unless `fields` say more."""
        written = {
            "publisher": self.publisher,
            "audience": self.publisher,
            "title": offer.title,
            "content": offer.content,
            "category": offer.category,
            "place": offer.place.format(place=place.name, community=self.publisher.name),
            "contact_name": self.appointments[0].user.name,
            "contact_phone": self.publisher.phone,
            "requirements": offer.requirements,
            "risk_note": offer.risk_note,
            "served": offer.served,
            "opens_at": opens_at,
            "created_at": opens_at - timedelta(hours=1),
            "status": Task.Status.CLOSED,
        }
        task = Task(**(written | fields))
        self.tasks.append(task)
        return task

    def shift(self, task: Task, slot: Slot, capacity: int, status: str = Shift.Status.SETTLED) -> Shift:
        shift = Shift(task=task, starts_at=slot.starts_at, ends_at=slot.ends_at, capacity=capacity, status=status)
        self.shifts.append(shift)
        return shift

    def shift_by_agreement(self, task: Task, last_day: date, places: int = 1) -> Shift:
        over = at(last_day + timedelta(days=1), 0)
        shift = Shift(task=task, starts_at=task.opens_at, ends_at=over, capacity=places, by_agreement=True)
        self.shifts.append(shift)
        return shift

    def claim(
        self,
        shift: Shift,
        resident: Resident,
        claimed_at: datetime,
        status: str = Claim.Status.HELD,
        **fields: Any,
    ) -> Claim:
        """With the shift's time; by agreement with none, unless `fields` say one."""
        time = {} if shift.by_agreement else {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
        claim = Claim(
            shift=shift,
            member=resident.member,
            community=resident.community,
            status=status,
            claimed_at=claimed_at,
            **(time | fields),
        )
        shift.taken += claim.places if status not in (*Claim.LAPSED, Claim.Status.WAITING) else 0
        self.claims.append(claim)
        return claim

    def confirm(self, shift: Shift, resident: Resident, claimed_at: datetime) -> None:
        """A claim that was confirmed on the day after, with its award."""
        claim = self.claim(shift, resident, claimed_at, Claim.Status.CONFIRMED)
        served_on = shift.starts_at.date()
        by = self._confirmer_of(resident)
        self.awards.append(
            FlagAward(
                member=resident.member,
                value=shift.task.flag_value,
                category=shift.task.category,
                served_on=served_on,
                year=served_on.year,
                unit=resident.unit_on(served_on),
                community=resident.community,
                claim=claim,
                by_user=by.user,
                by_appointment=by,
                awarded_at=at(served_on + timedelta(days=1), 10),
            )
        )

    def wish(self, wish: Wish, contact: WishContact) -> None:
        self.wishes.append(wish)
        self.contacts.append(contact)

    def write(self) -> None:
        """Insert everything, in the order in which rows refer to each other."""
        Task.objects.bulk_create(self.tasks, BATCH)
        Shift.objects.bulk_create(self.shifts, BATCH)
        GroupClaim.objects.bulk_create(self.group_claims, BATCH)
        Claim.objects.bulk_create(self.claims, BATCH)
        # Those that are part of another one come after it.
        for wishes in ([w for w in self.wishes if not w.merged_into], [w for w in self.wishes if w.merged_into]):
            Wish.objects.bulk_create(wishes, BATCH)
        WishContact.objects.bulk_create(self.contacts, BATCH)
        FlagAward.objects.bulk_create(self.awards, BATCH)
        Record.objects.bulk_create(self._confirmations(), BATCH)

    def _confirmations(self) -> list[Record]:
        claim_type = ContentType.objects.get_for_model(Claim)
        return [
            Record(
                subject_type=claim_type,
                subject_id=award.claim.pk,
                verb="moved",
                old_status=Claim.Status.ATTENDED,
                new_status=Claim.Status.CONFIRMED,
                user=award.by_user,
                appointment=award.by_appointment,
                at=award.awarded_at,
            )
            for award in self.awards
            if award.claim
        ]

    def _confirmer_of(self, resident: Resident) -> Appointment:
        """The first appointee who is somebody else: nobody confirms himself or herself."""
        return next(a for a in self.appointments if a.user_id != resident.member.user_id)
