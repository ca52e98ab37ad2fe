"""Rows for tests. Each makes what it needs and nothing a test has to know about."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts import models as accounts
from accounts.access import CLOCK
from accounts.actions.organization import add_organization
from accounts.models import CheckIn, Organization, Role
from flags import models as flags
from flags.models.dossier_serial import new_serial
from flags.models.report import State
from tasks import models as tasks
from vanguard.lib.quarters import quarter_of

Kind = Organization.Kind


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization
        django_get_or_create = ("code",)

    kind = Kind.CITY
    parent = None
    code = factory.Sequence(lambda n: f"C{n}")
    name = factory.Sequence(lambda n: f"青澜市{n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Organization:
        return add_organization(by=CLOCK, **kwargs)


class StreetFactory(OrganizationFactory):
    kind = Kind.STREET
    parent = factory.SubFactory(OrganizationFactory)
    code = factory.Sequence(lambda n: f"S{n}")
    name = factory.Sequence(lambda n: f"望澜街道{n}")


class CommunityFactory(OrganizationFactory):
    kind = Kind.COMMUNITY
    parent = factory.SubFactory(StreetFactory)
    code = factory.Sequence(lambda n: f"{100000 + n}")
    name = factory.Sequence(lambda n: f"荷风社区{n}")
    phone = "000-0000001"


class CompoundFactory(OrganizationFactory):
    kind = Kind.SUBCOMMUNITY
    parent = factory.SubFactory(CommunityFactory)
    code = factory.Sequence(lambda n: f"B{n}")
    name = factory.Sequence(lambda n: f"荷风雅苑{n}期")


class UnitFactory(OrganizationFactory):
    kind = Kind.WORK_UNIT
    category = Organization.Category.CITY_ORGAN
    parent = factory.SubFactory(OrganizationFactory)
    code = factory.Sequence(lambda n: f"U{n}")
    name = factory.Sequence(lambda n: f"财政局{n}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = accounts.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"u{n}")
    name = factory.Sequence(lambda n: f"张明{n}")
    phone = factory.Sequence(lambda n: f"100{n:08d}")


class AppointmentFactory(DjangoModelFactory):
    class Meta:
        model = accounts.Appointment

    user = factory.SubFactory(UserFactory)
    role = Role.SECRETARY
    starts_on = date(2020, 1, 1)


class MemberFactory(DjangoModelFactory):
    """A member; `community=` (a compound or community) checks them in, `unit=` gives them a work unit."""

    class Meta:
        model = accounts.Member
        skip_postgeneration_save = True

    class Params:
        joined_on = date(2020, 1, 1)

    user = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: f"7{n:09d}")

    @factory.post_generation
    def unit(self, create: bool, unit: Organization | None, **kwargs: Any) -> None:
        if unit:
            accounts.UnitMembership.objects.create(member=self, unit=unit, starts_on=date(2020, 1, 1))

    @factory.post_generation
    def community(self, create: bool, home: Organization | None, **kwargs: Any) -> None:
        if home is None:
            return
        is_compound = home.kind == Kind.SUBCOMMUNITY
        community = home.parent if is_compound else home
        city = Organization.objects.get(path=home.city_path)
        membership = accounts.UnitMembership.objects.filter(member=self).first()
        CheckIn.objects.create(
            member=self,
            community=community,
            compound=home if is_compound else None,
            unit=membership.unit if membership else UnitFactory(parent=city),
            phone=self.user.phone or "",
            address="1-101",
            address_key="1-101",
            status=CheckIn.Status.APPROVED,
            approved_on=date(2020, 1, 1),
        )
        self.home = home
        self.save(update_fields=["home"])


class TaskFactory(DjangoModelFactory):
    class Meta:
        model = tasks.Task

    publisher = factory.SubFactory(CommunityFactory)
    audience = factory.SelfAttribute("publisher")
    title = "元宵节家庭手工灯笼制作"
    content = "和孩子们一起做灯笼。"
    place = "社区文化家园"
    contact_name = "王书记"
    contact_phone = "000-0000001"
    served = "社区里的孩子"
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))
    status = tasks.Task.Status.OPEN


class ShiftFactory(DjangoModelFactory):
    """Two hours, two days from now."""

    class Meta:
        model = tasks.Shift

    task = factory.SubFactory(TaskFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=2))
    ends_at = factory.LazyAttribute(lambda shift: shift.starts_at + timedelta(hours=2))
    capacity = 7


class ClaimFactory(DjangoModelFactory):
    """A held place, or what `status` says; `shift.taken` is kept in step."""

    class Meta:
        model = tasks.Claim

    shift = factory.SubFactory(ShiftFactory)
    member = factory.SubFactory(MemberFactory)
    community = factory.SelfAttribute("shift.task.publisher")
    starts_at = factory.SelfAttribute("shift.starts_at")
    ends_at = factory.SelfAttribute("shift.ends_at")
    claimed_at = factory.LazyFunction(timezone.now)
    offer_until = factory.Maybe(
        factory.LazyAttribute(lambda claim: getattr(claim, "status", "") == tasks.Claim.Status.OFFERED),
        factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1)),
        None,
    )

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> tasks.Claim:
        claim = super()._create(model_class, *args, **kwargs)
        if claim.status not in (*tasks.Claim.LAPSED, tasks.Claim.Status.WAITING):
            claim.shift.taken += claim.places
            claim.shift.save(update_fields=["taken"])
        return claim


class HelperGroupFactory(DjangoModelFactory):
    """A group whose leader lives in its community and has agreed; `members=` have agreed too."""

    class Meta:
        model = tasks.HelperGroup
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"和睦帮帮团{n}")
    community = factory.SubFactory(CommunityFactory)
    leader = factory.LazyAttribute(lambda group: MemberFactory(community=group.community))

    @factory.post_generation
    def members(self, create: bool, members: Any, **kwargs: Any) -> None:
        for member in {self.leader, *(members or ())}:
            self.memberships.create(member=member, status=tasks.GroupMembership.Status.AGREED)


class GroupClaimFactory(DjangoModelFactory):
    """As a leader makes it; `ClaimFactory(group_claim=…)` adds the places."""

    class Meta:
        model = tasks.GroupClaim

    shift = factory.SubFactory(ShiftFactory)
    group = factory.SubFactory(HelperGroupFactory, community=factory.SelfAttribute("..shift.task.publisher.community"))
    leader = factory.SelfAttribute("group.leader")
    claimed_at = factory.LazyFunction(timezone.now)


class GroupProjectFactory(DjangoModelFactory):
    """What a group offers; it has a leader who has agreed."""

    class Meta:
        model = tasks.GroupProject

    group = factory.SubFactory(HelperGroupFactory)
    title = factory.Sequence(lambda n: f"上门修灯{n}")
    what = "上门修灯、换插座，材料自备。"
    for_whom = "独居老人"
    category = tasks.Wish.Category.REPAIR


class GroupRequestFactory(DjangoModelFactory):
    """The community's own, waiting for the group; with `wish=` a resident's."""

    class Meta:
        model = tasks.GroupRequest

    project = factory.SubFactory(GroupProjectFactory)
    group = factory.SelfAttribute("project.group")
    words = "三号楼的老人家里灯不亮了。"
    status = tasks.GroupRequest.Status.ASKED


class ComplianceRowFactory(DjangoModelFactory):
    """A report's line of somebody who has not served yet."""

    class Meta:
        model = flags.ComplianceRow

    member_number = factory.SelfAttribute("member.number")
    required = 5
    exempt_months = 0
    state = State.NOT_MET
    flags = services = q1 = q2 = q3 = q4 = 0
    community_activity = micro_wish = red_steward = helper_group = suggestion = other = 0


class WishFactory(DjangoModelFactory):
    class Meta:
        model = tasks.Wish
        skip_postgeneration_save = True

    community = factory.SubFactory(CommunityFactory)
    category = tasks.Wish.Category.REPAIR
    text = "厨房的灯不亮了，想请人帮忙看看。"
    status = tasks.Wish.Status.NEW
    merged_into = factory.Maybe(
        factory.LazyAttribute(lambda wish: wish.status == tasks.Wish.Status.MERGED),
        factory.SubFactory("tests.factories.WishFactory", community=factory.SelfAttribute("..community")),
    )

    @factory.post_generation
    def contact(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        fields = {"name": "李奶奶", "phone": "10088888888", "consent_version": "test", **kwargs}
        tasks.WishContact.objects.create(wish=self, **fields)


class SuggestionFactory(DjangoModelFactory):
    """A member's, not answered yet; with `author=None` a resident's, with a contact. Answered and decided on the days it says."""

    class Meta:
        model = tasks.Suggestion
        skip_postgeneration_save = True

    author = factory.SubFactory(MemberFactory)
    community = factory.SubFactory(CommunityFactory)
    category = tasks.Suggestion.Category.FACILITIES
    text = "小区东门的路灯太暗，建议换成感应灯。"
    status = tasks.Suggestion.Status.NEW
    answered_at = factory.LazyAttribute(
        lambda suggestion: None if suggestion.status == tasks.Suggestion.Status.NEW else timezone.now()
    )
    decided_at = factory.LazyAttribute(
        lambda suggestion: timezone.now() if suggestion.status in tasks.Suggestion.DECIDED else None
    )

    @factory.post_generation
    def contact(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if self.author is None:
            fields = {"name": "李奶奶", "phone": "10088888888", "consent_version": "test", **kwargs}
            tasks.SuggestionContact.objects.create(suggestion=self, **fields)


class StewardPostFactory(DjangoModelFactory):
    """An open post; `holder=` (a member) holds it from `held_from` until `held_until`."""

    class Meta:
        model = tasks.StewardPost
        skip_postgeneration_save = True

    compound = factory.SubFactory(CompoundFactory)
    kind = tasks.StewardPost.Kind.STAIRWELL_HEAD
    subject = factory.Sequence(lambda n: f"{n + 100} 幢")  # tests name the lower ones themselves
    held_from = factory.LazyFunction(lambda: timezone.localdate() - timedelta(days=200))
    held_until = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=100))

    @classmethod
    def _create(cls, model_class: Any, *args: Any, holder: Any = None, **kwargs: Any) -> tasks.StewardPost:
        began_on, until = (kwargs.pop(name) for name in ("held_from", "held_until"))
        if holder:
            kwargs["status"] = tasks.StewardPost.Status.HELD
        post = super()._create(model_class, *args, **kwargs)
        if holder:
            post.terms.create(member=holder, began_on=began_on, until=until)
        return post


class ActivityReportFactory(DjangoModelFactory):
    """A published report of an activity whose one shift was over yesterday."""

    class Meta:
        model = tasks.ActivityReport

    task = factory.SubFactory(TaskFactory)
    words = "来了很多孩子，灯笼挂满了文化家园。"
    status = tasks.ActivityReport.Status.PUBLISHED
    published_at = factory.LazyAttribute(lambda report: timezone.now() if report.status == "PUBLISHED" else None)

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> tasks.ActivityReport:
        report = super()._create(model_class, *args, **kwargs)
        if not report.task.shifts.exists():
            ShiftFactory(task=report.task, starts_at=timezone.now() - timedelta(days=1), status="ENDED")
        return report


class StewardLogFactory(DjangoModelFactory):
    """A log that waits for the community, of the running quarter."""

    class Meta:
        model = tasks.StewardLog

    post = factory.SubFactory(StewardPostFactory)
    member = factory.SubFactory(MemberFactory)
    year = factory.LazyFunction(lambda: quarter_of(timezone.localdate()).year)
    quarter = factory.LazyFunction(lambda: quarter_of(timezone.localdate()).number)
    seen = "楼道堆了纸箱。"
    done = "和住户一起清走了。"
    status = tasks.StewardLog.Status.SUBMITTED
    submitted_at = factory.LazyFunction(timezone.now)


class AwardMatterFactory(DjangoModelFactory):
    class Meta:
        model = flags.AwardMatter

    city = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"业委会委员{n}")


class LateEntryFactory(DjangoModelFactory):
    """Two hours of last week that wait for a second person."""

    class Meta:
        model = flags.LateEntry

    member = factory.SubFactory(MemberFactory)
    community = factory.SubFactory(CommunityFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=7))
    ends_at = factory.LazyAttribute(lambda entry: entry.starts_at + timedelta(hours=2))
    category = "COMMUNITY_ACTIVITY"
    value = 1
    what = "夜间值守"
    reason = "当晚停电，没有在平台上发布。"
    entered_as = factory.SubFactory(AppointmentFactory, organization=factory.SelfAttribute("..community"))
    entered_by = factory.SelfAttribute("entered_as.user")


class AppealFactory(DjangoModelFactory):
    """Against an absence, not answered yet; answered and decided on the days that its status asks for."""

    class Meta:
        model = flags.Appeal

    member = factory.SelfAttribute("claim.member")
    kind = flags.Appeal.Kind.ABSENCE
    year = factory.LazyFunction(lambda: timezone.localdate().year)
    claim = factory.SubFactory(
        ClaimFactory,
        status=tasks.Claim.Status.ABSENT,
        shift__starts_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=1)),
    )
    organization = factory.SelfAttribute("claim.shift.task.publisher.community")
    words = "我那天到场了，签到表上有我的名字。"
    status = flags.Appeal.Status.OPEN
    answered_at = factory.LazyAttribute(lambda appeal: None if appeal.status == "OPEN" else timezone.now())
    decided_at = factory.LazyAttribute(
        lambda appeal: None if appeal.status in flags.Appeal.UNDECIDED else timezone.now()
    )


class DossierFactory(DjangoModelFactory):
    """A sealed year of which only the figures matter."""

    class Meta:
        model = flags.Dossier

    member = factory.SubFactory(MemberFactory)
    year = 2025
    version = factory.Sequence(lambda n: n + 1)
    serial = factory.LazyAttribute(lambda dossier: new_serial(dossier.year))
    flags = services = 0
    content = factory.LazyFunction(dict)
    digest = "0" * 64


class DossierOpinionFactory(DjangoModelFactory):
    """The community's, with the member to be answered."""

    class Meta:
        model = flags.DossierOpinion

    member = factory.SubFactory(MemberFactory)
    year = 2025
    organization = factory.SubFactory(CommunityFactory)
    kind = factory.SelfAttribute("organization.kind")
    text = "热心、守时。"
    answer_by = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))
