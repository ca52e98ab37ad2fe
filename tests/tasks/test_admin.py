"""The administrator's pages of wishes and tasks."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import Record
from tasks.models import (
    ActivityPhoto,
    ActivityReport,
    AnswerTemplate,
    Attendance,
    BoundaryLine,
    CalendarAddress,
    Claim,
    DayNote,
    DayPhoto,
    FitOffer,
    GroupClaim,
    GroupMembership,
    GroupProject,
    GroupRequest,
    HelperGroup,
    Shift,
    StewardApplication,
    StewardLog,
    StewardPost,
    StewardTerm,
    Suggestion,
    SuggestionContact,
    SuggestionPhoto,
    Task,
    Tick,
    Wish,
    WishContact,
    WishPhoto,
    YearRule,
)
from tests.administration import address, assert_list_costs_the_same, assert_read_only, assert_row_answers
from tests.factories import (
    ActivityReportFactory,
    ClaimFactory,
    CommunityFactory,
    GroupClaimFactory,
    GroupProjectFactory,
    GroupRequestFactory,
    HelperGroupFactory,
    MemberFactory,
    OrganizationFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
    UserFactory,
    WishFactory,
)

ROWS = {
    ActivityPhoto: lambda: ActivityPhoto.objects.create(
        report=ActivityReportFactory(), file="activities/00/picture.jpg"
    ),
    ActivityReport: ActivityReportFactory,
    AnswerTemplate: lambda: AnswerTemplate.objects.create(
        organization=CommunityFactory(), purpose="DECLINE", text="请打物业电话"
    ),
    BoundaryLine: lambda: BoundaryLine.objects.create(code=f"line-{BoundaryLine.objects.count()}", name="统计人数"),
    CalendarAddress: lambda: CalendarAddress.objects.create(member=MemberFactory(), made_at=timezone.now()),
    Claim: ClaimFactory,
    FitOffer: lambda: FitOffer.objects.create(shift=ShiftFactory(), member=MemberFactory()),
    GroupClaim: GroupClaimFactory,
    GroupMembership: lambda: HelperGroupFactory().memberships.get(),
    GroupProject: GroupProjectFactory,
    GroupRequest: GroupRequestFactory,
    HelperGroup: HelperGroupFactory,
    Shift: ShiftFactory,
    Suggestion: SuggestionFactory,
    SuggestionPhoto: lambda: SuggestionPhoto.objects.create(
        suggestion=SuggestionFactory(), file="suggestions/00/picture.jpg"
    ),
    StewardApplication: lambda: StewardApplication.objects.create(post=StewardPostFactory(), member=MemberFactory()),
    StewardLog: StewardLogFactory,
    StewardPost: StewardPostFactory,
    StewardTerm: lambda: StewardPostFactory(holder=MemberFactory()).terms.get(),
    Task: TaskFactory,
    Wish: WishFactory,
    WishPhoto: lambda: WishPhoto.objects.create(wish=WishFactory(), file="wishes/00/picture.jpg"),
    YearRule: lambda: YearRule.objects.create(city=OrganizationFactory(), year=2026),
    Attendance: lambda: Attendance.objects.create(claim=ClaimFactory()),
    Tick: lambda: Tick.objects.create(
        key=uuid4(), claim=ClaimFactory(), mark="ATTENDED", at=timezone.now(), by_user=UserFactory()
    ),
    DayNote: lambda: DayNote.objects.create(shift=ShiftFactory(), family=2),
    DayPhoto: lambda: DayPhoto.objects.create(shift=ShiftFactory(), file="days/00/picture.jpg"),
}
READ_ONLY = [
    Shift,
    Claim,
    HelperGroup,
    GroupMembership,
    GroupClaim,
    GroupProject,
    GroupRequest,
    StewardPost,
    StewardTerm,
    StewardApplication,
    StewardLog,
    Suggestion,
    CalendarAddress,
    ActivityReport,
    Attendance,
    Tick,
    DayNote,
    DayPhoto,
    FitOffer,
]


def named(model):
    return model.__name__


def test_the_table_of_rows_is_complete():
    assert {*ROWS, WishContact, SuggestionContact} == set(apps.get_app_config("tasks").get_models())


@pytest.mark.once
@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(model, admin_client):
    assert_list_costs_the_same(admin_client, model, ROWS[model])


@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_row_has_a_page_and_a_history(model, admin_client):
    assert_row_answers(admin_client, ROWS[model]())


@pytest.mark.parametrize("model", READ_ONLY, ids=named)
def test_what_actions_alone_write_is_read_only(model, admin_client):
    assert_read_only(admin_client, ROWS[model]())


@pytest.mark.parametrize("model", [Task, Wish], ids=named)
def test_tasks_and_wishes_are_neither_added_nor_deleted(model, admin_client):
    row = ROWS[model]()
    assert admin_client.get(address(model, "add")).status_code == 403
    assert admin_client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403


def test_nobody_can_be_put_on_a_list(admin_client):
    shift, member = ShiftFactory(), MemberFactory()
    typed = {"shift": shift.pk, "member": member.pk, "community": shift.task.publisher_id, "status": "HELD"}
    assert admin_client.post(address(Claim, "add"), typed).status_code == 403
    assert not Claim.objects.exists()


def test_mending_a_tasks_words_moves_nothing_else(admin_client, admin_user):
    task = TaskFactory()
    typed = {
        "title": "元宵节家庭手工灯笼制作（改）",
        "content": task.content,
        "place": task.place,
        "contact_name": task.contact_name,
        "contact_phone": task.contact_phone,
        "served": task.served,
        "status": Task.Status.CANCELLED,
        "flag_value": 5,
    }
    assert admin_client.post(address(Task, "change", task.pk), typed).status_code == 302
    task.refresh_from_db()
    assert task.title.endswith("（改）")
    assert (task.status, task.flag_value) == (Task.Status.OPEN, 1)
    assert Record.objects.filter(verb="admin changed", subject_id=task.pk, user=admin_user).exists()


def test_mending_a_wish_moves_nothing_else_and_keeps_the_residents_words(admin_client):
    wish = WishFactory()
    typed = {"category": Wish.Category.GOODS, "text": "改了", "edited_text": "想要一盏灯。", "status": Wish.Status.DONE}
    assert admin_client.post(address(Wish, "change", wish.pk), typed).status_code == 302
    said = wish.text
    wish.refresh_from_db()
    assert (wish.text, wish.edited_text, wish.category) == (said, "想要一盏灯。", Wish.Category.GOODS)
    assert wish.status == Wish.Status.NEW


def test_a_years_rule_is_set_for_a_city_only(admin_client, cast):
    typed = {
        "year": 2026,
        "minimum": 5,
        "community_value_at_most": 3,
        "city_value_at_most": 5,
    }
    refused = admin_client.post(address(YearRule, "add"), typed | {"city": cast.community.pk})
    assert list(refused.context["adminform"].form.errors) == ["city"]
    assert admin_client.post(address(YearRule, "add"), typed | {"city": cast.city.pk}).status_code == 302
    assert YearRule.objects.get().city == cast.city


def test_a_choice_of_a_city_offers_cities_only(admin_client, cast):
    query = {"app_label": "tasks", "model_name": "yearrule", "field_name": "city", "term": "青澜市"}
    results = admin_client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [result["text"] for result in results] == ["青澜市 · QL"]


# --- a resident's contact -------------------------------------------------------------------


def test_wishes_name_nobody(admin_client):
    wish = WishFactory(sender=UserFactory(name="李大山"))
    for url in (address(Wish), address(Wish, "change", wish.pk)):
        page = admin_client.get(url).content.decode()
        assert "李奶奶" not in page
        assert "10088888888" not in page
        assert "李大山" not in page
    assert not admin_client.get(address(Wish), {"q": "10088888888"}).context["cl"].result_list
    assert not Record.objects.filter(verb="revealed").exists()


def a_residents_suggestion() -> Suggestion:
    return SuggestionFactory(author=None)


CONTACTS = [(WishContact, WishFactory), (SuggestionContact, a_residents_suggestion)]


@pytest.mark.parametrize(("contact", "make"), CONTACTS)
def test_a_contact_is_in_no_list(admin_client, contact, make):
    make()
    assert admin_client.get(address(contact)).status_code == 403
    assert address(contact) not in admin_client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize(("contact", "make"), CONTACTS)
def test_each_look_at_a_contact_is_recorded(admin_client, admin_user, contact, make):
    row = make()
    reveal = address(contact, "change", row.contact.pk)
    assert reveal in admin_client.get(address(type(row), "change", row.pk)).content.decode()
    for looks in (1, 2):
        assert "10088888888" in admin_client.get(reveal).content.decode()
        assert Record.objects.filter(verb="revealed", subject_id=row.pk, user=admin_user).count() == looks


def test_a_contact_cannot_be_changed(admin_client):
    assert_read_only(admin_client, WishFactory().contact)


def test_staff_below_a_superuser_see_no_contact(client, db):
    wish = WishFactory()
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="tasks"))
    client.force_login(staff)
    assert client.get(address(Wish, "change", wish.pk)).status_code == 200
    assert client.get(address(WishContact, "change", wish.contact.pk)).status_code == 403
    assert not Record.objects.filter(verb="revealed").exists()
