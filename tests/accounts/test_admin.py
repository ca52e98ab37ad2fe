"""The administrator's pages of people and organizations."""

from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts import models as accounts
from accounts.access import Actor
from accounts.actions.community import merge_community
from accounts.actions.move import record
from accounts.admin.site import site
from accounts.models import Appointment, Member, Organization, Record, RecordReason, Role, UnitMembership, User
from accounts.refusals import Reason
from tests.administration import address, assert_list_costs_the_same, assert_read_only, assert_row_answers
from tests.browsing import sentence
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    MemberFactory,
    UnitFactory,
    UserFactory,
)


def a_member() -> Member:
    community = CommunityFactory()
    return MemberFactory(community=community, unit=UnitFactory(parent=community.parent.parent))


def a_record() -> Record:
    appointment = AppointmentFactory(organization=CommunityFactory())
    actor = Actor(user=appointment.user, appointment=appointment)
    return record(appointment.organization, "moved", by=actor, why="因为")


def an_entry(**fields) -> accounts.RosterEntry:
    phone = f"100{accounts.RosterEntry.objects.count():08d}"
    return accounts.RosterEntry.objects.create(unit=UnitFactory(), name="张明", phone=phone, **fields)


def an_import_line() -> accounts.RosterImportLine:
    roster_import = accounts.RosterImport.objects.create(
        unit=UnitFactory(), file_name="名册1.xlsx", requested_by=UserFactory()
    )
    return roster_import.lines.create(row=2, kind="NEW", values={"name": "张小明"})


ROWS = {
    accounts.Appointment: lambda: AppointmentFactory(organization=CommunityFactory()),
    accounts.Beat: lambda: accounts.Beat.objects.create(job="a", period=str(accounts.Beat.objects.count())),
    accounts.CheckIn: lambda: a_member().check_ins.get(),
    accounts.Consent: lambda: accounts.Consent.objects.create(user=UserFactory(), version="1"),
    accounts.Exemption: lambda: accounts.Exemption.objects.create(
        member=a_member(), reason="ILLNESS", starts_on=date(2026, 1, 1)
    ),
    accounts.Feedback: lambda: accounts.Feedback.objects.create(user=UserFactory(), page="/1", text="这里不清楚"),
    accounts.Member: a_member,
    accounts.Notice: lambda: accounts.Notice.objects.create(
        user=UserFactory(), kind="CHECK_IN_APPROVED", params={"community": "荷风社区"}
    ),
    accounts.Organization: CommunityFactory,
    accounts.Record: a_record,
    accounts.RecordReason: lambda: a_record().reason,
    accounts.DistinctMembers: lambda: accounts.DistinctMembers.objects.create(first=a_member(), second=a_member()),
    accounts.DistinctEntries: lambda: accounts.DistinctEntries.objects.create(
        first=an_entry(), second=an_entry(), said_by=UserFactory()
    ),
    accounts.Skill: lambda: accounts.Skill.objects.create(name=f"电工{accounts.Skill.objects.count()}"),
    accounts.PastRetirement: lambda: accounts.PastRetirement.objects.create(
        member=a_member(), starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1)
    ),
    accounts.Roster: lambda: accounts.Roster.objects.create(unit=UnitFactory()),
    accounts.RosterEntry: lambda: an_entry(member=a_member()),
    accounts.RosterImport: lambda: an_import_line().roster_import,
    accounts.RosterImportLine: an_import_line,
    accounts.UnitMembership: lambda: a_member().unit_memberships.get(),
    accounts.UnitNews: lambda: accounts.UnitNews.objects.create(unit=UnitFactory(), member=a_member(), kind="JOINED"),
    accounts.User: UserFactory,
}
READ_ONLY = {
    accounts.Beat,
    accounts.CheckIn,
    accounts.Consent,
    accounts.Feedback,
    accounts.Notice,
    accounts.Record,
    accounts.RecordReason,
    accounts.DistinctEntries,
    accounts.DistinctMembers,
    accounts.PastRetirement,
    accounts.Roster,
    accounts.RosterImport,
    accounts.RosterImportLine,
    accounts.UnitMembership,
    accounts.UnitNews,
}


def named(model):
    return model.__name__


@pytest.mark.parametrize("app", ["accounts", "tasks", "flags"])
def test_every_model_has_its_page(app):
    assert [model for model in apps.get_app_config(app).get_models() if not site.is_registered(model)] == []


def test_the_table_of_rows_is_complete():
    assert set(ROWS) == set(apps.get_app_config("accounts").get_models())


@pytest.mark.once
@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(model, admin_client):
    assert_list_costs_the_same(admin_client, model, ROWS[model])


@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_row_has_a_page_and_a_history(model, admin_client):
    assert_row_answers(admin_client, ROWS[model]())


@pytest.mark.parametrize("model", READ_ONLY, ids=named)
def test_what_others_wrote_is_read_only(model, admin_client):
    assert_read_only(admin_client, ROWS[model]())


@pytest.mark.parametrize("model", sorted(set(ROWS) - READ_ONLY, key=named), ids=named)
def test_what_an_administrator_keeps_can_be_added(model, admin_client):
    assert admin_client.get(address(model, "add")).status_code == 200


# --- who comes in ---------------------------------------------------------------------------


def test_a_visitor_is_sent_to_the_platforms_log_in(client, db):
    for url in (reverse("admin:index"), address(User)):
        last, _status = client.get(url, follow=True).redirect_chain[-1]
        assert unquote(last) == f"{reverse('account_login')}?next={url}"


def test_djangos_own_log_in_page_is_not_served(client, db):
    assert client.get(reverse("admin:login")).url.startswith(reverse("account_login"))
    assert client.post(reverse("admin:login"), {"username": "u", "password": "p"}).status_code == 302


def test_a_secretary_is_turned_away(client, cast):
    client.force_login(cast.secretary.user)
    assert client.get(address(User), follow=True).status_code == 403


def test_the_index_shows_every_app_and_no_groups(admin_client):
    page = admin_client.get(reverse("admin:index")).content.decode()
    assert address(Organization) in page
    assert "auth/group" not in page


def test_pages_carry_no_inline_script_or_style(admin_client, cast):
    urls = [
        reverse("admin:index"),
        address(User),
        address(Record),
        address(Member, "change", cast.member.member.pk),
        address(User, "add"),
    ]
    for url in urls:
        page = admin_client.get(url).content.decode()
        assert "<script>" not in page
        assert "<style" not in page
        assert ' style="' not in page
        assert " onclick=" not in page


# --- organizations --------------------------------------------------------------------------


def community_typed(cast, **changes):
    return {
        "kind": "COMMUNITY",
        "parent": cast.street.pk,
        "category": "",
        "name": "听松社区",
        "code": "330099",
        "phone": "000-0000009",
        "address": "听松路 1 号",
        **changes,
    }


def test_an_added_organization_stands_in_the_tree(admin_client, admin_user, cast):
    response = admin_client.post(address(Organization, "add"), community_typed(cast))
    assert response.status_code == 302
    added = Organization.objects.get(code="330099")
    assert added.path == f"{cast.street.path}{added.pk}/"
    assert added.address == "听松路 1 号"
    assert Record.objects.filter(subject_id=added.pk, verb="admin added", user=admin_user, appointment=None).exists()


def test_a_second_city_is_a_root_of_its_own(admin_client, cast):
    typed = community_typed(cast, kind="CITY", parent="", code="BL", name="白鹭市")
    assert admin_client.post(address(Organization, "add"), typed).status_code == 302
    added = Organization.objects.get(code="BL")
    assert added.path == f"{added.pk}/"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "STREET"}, "parent"),
        ({"kind": "CITY"}, "parent"),
        ({"parent": ""}, "parent"),
        ({"category": "CITY_ORGAN"}, "category"),
        ({"code": "33009"}, "code"),
        ({"code": "330001"}, "code"),
    ],
)
def test_an_organization_that_cannot_be_is_an_error_beside_the_field(admin_client, cast, changes, field):
    response = admin_client.post(address(Organization, "add"), community_typed(cast, **changes))
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]
    assert "听松路 1 号" in response.content.decode()
    assert not Organization.objects.filter(name="听松社区").exists()


def test_a_refusal_of_the_action_is_an_error_that_loses_nothing(admin_client, cast, monkeypatch):
    """The form checks first; what the action alone finds out comes back the same way."""
    monkeypatch.setattr("accounts.admin.organization.OrganizationForm._check_parent", lambda *_: None)
    response = admin_client.post(address(Organization, "add"), community_typed(cast, parent=cast.city.pk))
    assert response.status_code == 200
    assert len(response.context["adminform"].form.non_field_errors()) == 1
    assert "听松路 1 号" in response.content.decode()
    assert not Organization.objects.filter(name="听松社区").exists()


def test_kind_parent_and_a_communitys_code_stay(admin_client, cast):
    typed = community_typed(cast, kind="STREET", parent=cast.city.pk, closed_on="")
    assert admin_client.post(address(Organization, "change", cast.community.pk), typed).status_code == 302
    cast.community.refresh_from_db()
    assert (cast.community.kind, cast.community.parent, cast.community.code) == ("COMMUNITY", cast.street, "330001")
    assert cast.community.name == "听松社区"


def test_a_change_in_the_administration_is_recorded_as_everywhere(admin_client, admin_user, cast):
    path = cast.community.path
    admin_client.post(address(Organization, "change", cast.community.pk), community_typed(cast))
    row = Record.objects.get(verb="renamed", subject_id=cast.community.pk)
    assert (row.user, row.reason.text) == (admin_user, "荷风社区 → 听松社区")
    cast.community.refresh_from_db()
    assert cast.community.path == path


def test_closing_in_the_administration_refuses_likewise(admin_client, cast):
    url = address(Organization, "change", cast.compound.pk)
    typed = community_typed(cast, closed="on", name=cast.compound.name, code=cast.compound.code)
    response = admin_client.post(url, typed)
    assert sentence(Reason.MEMBERS_LIVE_HERE, n=1) in response.context["adminform"].form.non_field_errors()
    cast.member.member.check_ins.update(status="ENDED")
    Member.objects.filter(home=cast.compound).update(home=None)
    assert admin_client.post(url, typed).status_code == 302
    cast.compound.refresh_from_db()
    assert cast.compound.closed_on == timezone.localdate()
    assert Appointment.objects.get(pk=cast.branch.appointment.pk).ends_on == timezone.localdate()
    typed.pop("closed")
    assert admin_client.post(url, typed).status_code == 302
    cast.compound.refresh_from_db()
    assert cast.compound.closed_on is None


def merging_typed(cast, **changes):
    return community_typed(cast, code=cast.community.code, into=cast.other_community.pk, **changes)


def test_a_community_is_merged_in_the_administration(admin_client, admin_user, cast):
    response = admin_client.post(address(Organization, "change", cast.community.pk), merging_typed(cast))
    assert response.status_code == 302
    cast.community.refresh_from_db()
    assert (cast.community.closed_on, cast.community.merged_into) == (timezone.localdate(), cast.other_community)
    assert cast.community.name == "听松社区", "what else was typed is done as well"
    assert cast.member.member.check_ins.get(status="APPROVED").community == cast.other_community
    merged = Record.objects.get(verb="merged", subject_id=cast.community.pk)
    assert (merged.user, merged.appointment) == (admin_user, None)
    page = admin_client.get(address(Organization, "change", cast.community.pk))
    assert "into" not in page.context["adminform"].form.fields


def test_it_stays_unmerged_unless_another_one_is_chosen(admin_client, cast):
    url = address(Organization, "change", cast.community.pk)
    form = admin_client.get(url).context["adminform"].form
    assert form["into"].value() is None
    assert admin_client.post(url, merging_typed(cast) | {"into": ""}).status_code == 302
    cast.community.refresh_from_db()
    assert (cast.community.name, cast.community.closed_on) == ("听松社区", None)


def test_merging_and_closing_at_once_is_merging(admin_client, cast):
    url = address(Organization, "change", cast.community.pk)
    assert admin_client.post(url, merging_typed(cast, closed="on")).status_code == 302
    cast.community.refresh_from_db()
    assert cast.community.merged_into == cast.other_community


def test_only_another_community_in_use_of_the_city_is_offered(admin_client, cast):
    url, abroad = address(Organization, "change", cast.community.pk), CommunityFactory()
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    assert list(admin_client.get(url).context["adminform"].form.fields["into"].queryset) == [cast.other_community]
    for into in (cast.community, abroad, closed, cast.street):
        form = admin_client.post(url, merging_typed(cast) | {"into": into.pk}).context["adminform"].form
        assert list(form.errors) == ["into"]
    cast.community.refresh_from_db()
    assert (cast.community.name, cast.community.closed_on) == ("荷风社区", None)
    for other in (cast.compound, cast.street, closed):
        page = admin_client.get(address(Organization, "change", other.pk))
        assert "into" not in page.context["adminform"].form.fields


def test_a_refused_merger_is_said_beside_the_field_and_loses_nothing(admin_client, cast, monkeypatch):
    """Somebody closes the other one after the form has looked and before the action does."""

    def close_and_merge(old, *, into, by):
        Organization.objects.filter(pk=into.pk).update(closed_on=timezone.localdate())
        merge_community(old, into=into, by=by)

    monkeypatch.setattr("accounts.admin.organization.merge_community", close_and_merge)
    response = admin_client.post(address(Organization, "change", cast.community.pk), merging_typed(cast))
    form = response.context["adminform"].form
    assert form.errors == {"into": [sentence(Reason.ORGANIZATION_CLOSED, organization="枕溪社区")]}
    assert "听松路 1 号" in response.content.decode()
    assert f'value="{cast.other_community.pk}" selected' in response.content.decode()
    cast.community.refresh_from_db()
    assert (cast.community.name, cast.community.closed_on) == ("荷风社区", None), "together or not at all"
    assert not Record.objects.filter(verb="renamed").exists()


def test_an_organization_is_never_deleted(admin_client, cast):
    assert admin_client.post(address(Organization, "delete", cast.compound.pk), {"post": "yes"}).status_code == 403


# --- records --------------------------------------------------------------------------------


def test_a_change_is_recorded_without_the_values(admin_client, admin_user, cast):
    admin_client.post(address(Organization, "change", cast.community.pk), community_typed(cast, closed_on=""))
    row = Record.objects.get(verb="admin changed", subject_id=cast.community.pk)
    assert row.user == admin_user
    assert "听松" not in row.reason.text
    assert not LogEntry.objects.exists()


def test_saving_without_a_change_records_nothing(admin_client, cast):
    exemption = accounts.Exemption.objects.create(
        member=cast.member.member, reason="ILLNESS", starts_on=date(2026, 1, 1)
    )
    typed = {"member": exemption.member_id, "reason": "ILLNESS", "starts_on": "2026-01-01", "ends_on": ""}
    assert admin_client.post(address(accounts.Exemption, "change", exemption.pk), typed).status_code == 302
    assert not Record.objects.filter(verb="admin changed").exists()


def test_deleting_one_or_several_is_recorded(admin_client, cast):
    exemptions = [
        accounts.Exemption.objects.create(member=cast.member.member, reason="ILLNESS", starts_on=date(2026, n, 1))
        for n in (1, 2, 3)
    ]
    admin_client.post(address(accounts.Exemption, "delete", exemptions[0].pk), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in exemptions[1:]], "post": "yes"}
    admin_client.post(address(accounts.Exemption), chosen)
    assert not accounts.Exemption.objects.exists()
    deleted = Record.objects.filter(verb="admin deleted").values_list("subject_id", flat=True)
    assert set(deleted) == {row.pk for row in exemptions}


def test_records_read_as_sentences_of_the_readers_language(admin_client, cast):
    record(cast.member.member.check_ins.get(), "moved", by=cast.secretary, old="SUBMITTED", new="APPROVED")
    record(cast.community, "admin changed", by=cast.secretary, old="GONE")  # a kind without states
    page = admin_client.get(address(Record)).content.decode()
    assert all(words in page for words in ("状态变更", "待审核", "已通过", "后台修改", "GONE"))


# --- rosters --------------------------------------------------------------------------------


def roster_version(unit):
    return accounts.Roster.objects.get(unit=unit).version


def entry_typed(cast, **changes):
    typed = {
        "unit": cast.unit.pk,
        "name": "张明",
        "phone": "138 0000 0001",
        "community": "",
        "compound": "",
        "member": "",
    }
    return {**typed, "address": "3 幢 301", **changes}


def test_each_change_of_a_roster_raises_its_version(admin_client, cast):
    assert admin_client.post(address(accounts.RosterEntry, "add"), entry_typed(cast)).status_code == 302
    entry = accounts.RosterEntry.objects.get()
    assert (entry.phone, entry.address_key, roster_version(cast.unit)) == ("13800000001", "3-301", 1)
    typed = entry_typed(cast, unit=cast.other_unit.pk, address="4-401")
    assert admin_client.post(address(accounts.RosterEntry, "change", entry.pk), typed).status_code == 302
    entry.refresh_from_db()
    assert (entry.unit, entry.address_key, roster_version(cast.unit)) == (cast.unit, "4-401", 2)


def test_a_line_that_is_saved_is_linked_by_its_words(admin_client, cast):
    people = [
        MemberFactory(unit=cast.unit, community=cast.community, user__name=name, user__phone=phone)
        for name, phone in (("张明", "13800000001"), ("李四", "13800000002"))
    ]
    admin_client.post(address(accounts.RosterEntry, "add"), entry_typed(cast))
    entry = accounts.RosterEntry.objects.get()
    assert entry.member == people[0]
    changed = address(accounts.RosterEntry, "change", entry.pk)
    typed = entry_typed(cast, name="李四", phone="13800000002", member=people[0].pk)
    admin_client.post(changed, typed)
    entry.refresh_from_db()
    assert entry.member == people[1]
    for chosen in ("", cast.member.member.pk):
        admin_client.post(changed, {**typed, "member": chosen})
        entry.refresh_from_db()
        assert entry.member_id == (chosen or None), "whom the administrator has chosen stays"


def test_a_compound_goes_with_its_community(admin_client, cast):
    typed = entry_typed(cast, community=cast.other_community.pk, compound=cast.compound.pk)
    response = admin_client.post(address(accounts.RosterEntry, "add"), typed)
    assert list(response.context["adminform"].form.errors) == ["compound"]


def test_a_deleted_line_is_taken_off_the_roster_and_kept(admin_client, admin_user, cast):
    entries = [
        accounts.RosterEntry.objects.create(unit=cast.unit, name="张明", phone=f"1000000777{n}") for n in range(3)
    ]
    admin_client.post(address(accounts.RosterEntry, "delete", entries[0].pk), {"post": "yes"})
    assert roster_version(cast.unit) == 1
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk for entry in entries[1:]], "post": "yes"}
    admin_client.post(address(accounts.RosterEntry), chosen)
    assert roster_version(cast.unit) == 3
    assert not accounts.RosterEntry.objects.current().exists()
    assert accounts.RosterEntry.objects.count() == 3
    taken_off = Record.objects.filter(verb="taken off", user=admin_user).values_list("subject_id", flat=True)
    assert sorted(taken_off) == [entry.pk for entry in entries]


def test_what_has_been_taken_off_is_history(admin_client, cast):
    entry = accounts.RosterEntry.objects.create(
        unit=cast.unit, name="张明", phone="10000007770", removed_on=date(2026, 1, 1)
    )
    assert admin_client.post(address(accounts.RosterEntry, "change", entry.pk), entry_typed(cast)).status_code == 403
    assert admin_client.post(address(accounts.RosterEntry, "delete", entry.pk), {"post": "yes"}).status_code == 403


def test_people_of_an_uploaded_list_are_masked(admin_client):
    line = an_import_line()
    for page in (address(accounts.RosterImportLine), address(accounts.RosterImportLine, "change", line.pk)):
        said = admin_client.get(page).content.decode()
        assert "张*明" in said
        assert "张小明" not in said


# --- appointments ---------------------------------------------------------------------------


def appointment_typed(cast, **changes):
    return {
        "user": cast.member.user.pk,
        "organization": cast.community.pk,
        "role": Role.SECRETARY,
        "starts_on": "2026-01-01",
        **changes,
    }


def test_an_appointment_goes_through_the_action(admin_client, admin_user, cast):
    assert admin_client.post(address(Appointment, "add"), appointment_typed(cast)).status_code == 302
    made = Appointment.objects.get(user=cast.member.user)
    verbs = Record.objects.filter(subject_id=made.pk, user=admin_user).values_list("verb", flat=True)
    assert set(verbs) == {"appointed", "admin added"}


@pytest.mark.parametrize(
    ("person", "changes", "field"),
    [("member", {"role": Role.UNIT_OFFICER}, "role"), ("secretary", {}, "user")],
)
def test_a_wrong_appointment_is_an_error_beside_the_field(admin_client, cast, person, changes, field):
    typed = appointment_typed(cast, user=getattr(cast, person).user.pk, **changes)
    before = Appointment.objects.count()
    response = admin_client.post(address(Appointment, "add"), typed)
    assert list(response.context["adminform"].form.errors) == [field]
    assert 'value="2026-01-01"' in response.content.decode()
    assert Appointment.objects.count() == before


def test_an_appointment_ends_but_changes_neither_person_nor_place_nor_beginning(admin_client, admin_user, cast):
    appointment, last = cast.secretary.appointment, timezone.localdate() + timedelta(days=9)
    typed = appointment_typed(cast, organization=cast.other_community.pk, ends_on=last.isoformat())
    assert admin_client.post(address(Appointment, "change", appointment.pk), typed).status_code == 302
    appointment.refresh_from_db()
    assert (appointment.user, appointment.organization) == (cast.secretary.user, cast.community)
    assert (appointment.starts_on, appointment.ends_on) == (date(2020, 1, 1), last)
    assert Record.objects.filter(verb="appointment ended", subject_id=appointment.pk, user=admin_user).exists()
    assert admin_client.post(address(Appointment, "change", appointment.pk), {"ends_on": ""}).status_code == 200
    appointment.refresh_from_db()
    assert appointment.ends_on == last


def test_what_ending_refuses_is_an_error_that_loses_nothing(admin_client, cast):
    past = (timezone.localdate() - timedelta(days=1)).isoformat()
    response = admin_client.post(
        address(Appointment, "change", cast.secretary.appointment.pk), appointment_typed(cast, ends_on=past)
    )
    form = response.context["adminform"].form
    assert form.non_field_errors() == [sentence(Reason.PAST_DAY)]
    assert f'value="{past}"' in response.content.decode()
    assert Appointment.objects.get(pk=cast.secretary.appointment.pk).ends_on is None


def test_an_administrator_appoints_city_officers(admin_client, cast):
    typed = appointment_typed(cast, organization=cast.city.pk, role=Role.CITY_OFFICER)
    assert admin_client.post(address(Appointment, "add"), typed).status_code == 302
    assert Appointment.objects.filter(user=cast.member.user, role=Role.CITY_OFFICER).exists()


def test_an_appointment_does_not_end_before_it_starts(admin_client, cast):
    typed = {"ends_on": "2019-12-31"}
    response = admin_client.post(address(Appointment, "change", cast.secretary.appointment.pk), typed)
    assert list(response.context["adminform"].form.errors) == ["ends_on"]


# --- members --------------------------------------------------------------------------------


def member_typed(*memberships, kept=0):
    rows = {f"unit_memberships-{n}-{name}": value for n, row in enumerate(memberships) for name, value in row.items()}
    return {
        "retired_on": "",
        "unit_memberships-TOTAL_FORMS": len(memberships),
        "unit_memberships-INITIAL_FORMS": kept,
        "exemptions-TOTAL_FORMS": 0,
        "exemptions-INITIAL_FORMS": 0,
        **rows,
    }


def test_a_new_members_number_is_drawn(admin_client, cast):
    person = UserFactory()
    typed = {"user": person.pk, **member_typed({"unit": cast.unit.pk, "starts_on": "2026-01-01", "ends_on": ""})}
    assert admin_client.post(address(Member, "add"), typed).status_code == 302
    member = Member.objects.get(user=person)
    assert len(member.number) == 10
    assert member.unit_memberships.get().unit == cast.unit


def test_a_member_changes_units_in_one_step(admin_client, cast):
    member = cast.member.member
    old = member.unit_memberships.get()
    typed = member_typed(
        {"id": old.pk, "member": member.pk, "unit": cast.unit.pk, "starts_on": "2020-01-01", "ends_on": "2026-03-01"},
        {"member": member.pk, "unit": cast.other_unit.pk, "starts_on": "2026-03-01", "ends_on": ""},
        kept=1,
    )
    assert admin_client.post(address(Member, "change", member.pk), typed).status_code == 302
    assert UnitMembership.objects.on(date(2026, 2, 28)).get(member=member).unit == cast.unit
    assert UnitMembership.objects.on(date(2026, 3, 1)).get(member=member).unit == cast.other_unit
    assert Record.objects.filter(verb="admin changed", subject_id=member.pk).exists()


@pytest.mark.parametrize("ends_on", ["", "2026-03-02"])
def test_a_member_is_in_one_unit_at_a_time(admin_client, cast, ends_on):
    member = cast.member.member
    old = member.unit_memberships.get()
    typed = member_typed(
        {"id": old.pk, "member": member.pk, "unit": cast.unit.pk, "starts_on": "2020-01-01", "ends_on": ends_on},
        {"member": member.pk, "unit": cast.other_unit.pk, "starts_on": "2026-03-01", "ends_on": ""},
        kept=1,
    )
    assert admin_client.post(address(Member, "change", member.pk), typed).status_code == 200
    assert member.unit_memberships.count() == 1


@pytest.mark.parametrize("ends_on", ["2019-01-01", "2020-01-01"])
def test_a_membership_lasts_a_day_at_least(admin_client, cast, ends_on):
    member = cast.member.member
    old = member.unit_memberships.get()
    row = {"id": old.pk, "member": member.pk, "unit": cast.unit.pk, "starts_on": "2020-01-01", "ends_on": ends_on}
    response = admin_client.post(address(Member, "change", member.pk), member_typed(row, kept=1))
    assert list(response.context["inline_admin_formsets"][0].formset.errors[0]) == ["ends_on"]


def test_a_community_is_no_work_unit(admin_client, cast):
    typed = member_typed({"unit": cast.community.pk, "starts_on": "2026-01-01", "ends_on": ""})
    response = admin_client.post(address(Member, "add"), {"user": UserFactory().pk, **typed})
    assert list(response.context["inline_admin_formsets"][0].formset.errors[0]) == ["unit"]


# --- people ---------------------------------------------------------------------------------


def test_a_person_is_added_with_name_and_phone(admin_client):
    typed = {
        "username": "u-new",
        "name": "张明",
        "phone": "100 1234 5678",
        "usable_password": "true",
        "password1": "weijia-4711",
        "password2": "weijia-4711",
    }
    assert admin_client.post(address(User, "add"), typed).status_code == 302
    person = User.objects.get(username="u-new")
    assert (person.name, person.phone) == ("张明", "10012345678")
    assert person.check_password("weijia-4711")


def test_people_without_a_phone_are_not_each_others_double(admin_client, admin_user):
    for name in ("u-one", "u-two"):
        typed = {"username": name, "name": "张明", "phone": "", "usable_password": "false"}
        assert admin_client.post(address(User, "add"), typed).status_code == 302
    assert User.objects.filter(phone=None, name="张明").count() == 2


def test_a_list_of_people_masks_their_phones(admin_client):
    person = UserFactory(phone="10012345678")
    page = admin_client.get(address(User)).content.decode()
    assert "100****5678" in page
    assert person.phone not in page


def staff_with(*codenames):
    person = UserFactory(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return person


def test_staff_can_neither_promote_themselves_nor_touch_a_superuser(client, admin_user):
    staff = staff_with("view_user", "change_user")
    client.force_login(staff)
    typed = {"username": staff.username, "name": "张明", "language": "zh-hans", "is_active": "on", "is_superuser": "on"}
    assert client.post(address(User, "change", staff.pk), typed).status_code == 302
    staff.refresh_from_db()
    assert staff.name == "张明"
    assert not staff.is_superuser
    assert client.post(address(User, "change", admin_user.pk), typed).status_code == 403
    chosen = {"action": "issue_reset", "_selected_action": [admin_user.pk]}
    assert client.post(address(User), chosen).status_code == 403


def test_a_reset_link_sets_a_new_password_once(admin_client, client):
    person = UserFactory(phone="10012345678")
    page = admin_client.post(address(User), {"action": "issue_reset", "_selected_action": [person.pk]}, follow=True)
    link = next(str(message) for message in page.context["messages"]).split()[-1]
    assert Record.objects.filter(verb="reset issued", subject_id=person.pk).exists()

    form = client.get(link, follow=True).request["PATH_INFO"]
    assert client.post(form, {"password1": "weijia-4711", "password2": "weijia-4711"}).status_code == 302
    person.refresh_from_db()
    assert person.check_password("weijia-4711")

    client.session.flush()
    assert "token_fail" in client.get(link, follow=True).context


def test_a_reset_is_for_one_person(admin_client):
    chosen = {"action": "issue_reset", "_selected_action": [UserFactory().pk, UserFactory().pk]}
    admin_client.post(address(User), chosen)
    assert not Record.objects.filter(verb="reset issued").exists()


# --- choosing from big tables ---------------------------------------------------------------


def offered(client, model, field, term):
    query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
    response = client.get(reverse("admin:autocomplete"), query | {"term": term})
    assert response.status_code == 200
    return [result["text"] for result in response.json()["results"]]


def test_a_choice_tells_people_of_one_name_apart(admin_client, cast):
    UserFactory(name="张小明", phone="10012345678")
    assert len(set(offered(admin_client, Appointment, "user", "张小明"))) == 2
    assert offered(admin_client, accounts.Exemption, "member", "张小明") == ["张小明 · 0000000001"]


def test_a_choice_of_a_unit_offers_units_only(admin_client, cast):
    assert offered(admin_client, UnitMembership, "unit", "青澜市") == ["青澜市财政局 · CZJ", "青澜市教育局 · JYJ"]
    assert "青澜市 · QL" in offered(admin_client, Organization, "parent", "青澜市")


def test_a_choice_costs_the_same_for_one_row_and_for_many(admin_client, django_assert_num_queries):
    for rows in (1, 18):
        for _ in range(rows):
            a_member()
        with django_assert_num_queries(4):
            assert offered(admin_client, accounts.Exemption, "member", "张明")


def test_a_search_finds_by_name_phone_and_number(admin_client, cast):
    for term in ("王芳", cast.other_member.user.phone, "0000000002"):
        found = admin_client.get(address(Member), {"q": term}).context["cl"].result_list
        assert [member.pk for member in found] == [cast.other_member.member.pk]


def test_a_reason_can_be_read_beside_its_record(admin_client, db):
    row = a_record()
    assert (
        RecordReason.objects.get(record=row).text
        in admin_client.get(address(Record, "change", row.pk)).content.decode()
    )
