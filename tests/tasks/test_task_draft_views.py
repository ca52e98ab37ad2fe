"""Drafts, their form and their preview, as the people who publish see them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task_draft import publish_draft, save_draft
from tasks.models import BoundaryLine, Shift, Task
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import MemberFactory, TaskFactory, WishFactory
from tests.tasks.test_task_draft import SAID, morning
from tests.tasks.test_task_views import half_day, in_days, typed
from vanguard.lib.week import WHOLE_WEEK

pytestmark = pytest.mark.django_db
EMPTY_ROW = {f"shift-0-{name}": "" for name in ("day", "starts", "ends", "capacity")}
PAGES = ["task_draft", "task_draft_change"]
DEEDS = ["task_draft_change", "task_draft_publish", "task_draft_discard"]


def draft_of(cast, **changed) -> Task:
    return save_draft(by=cast.secretary, **{**SAID, "shifts": [morning()], **changed})


def send(cast, name: str, *args, do: str = "draft", **data):
    return browser_of(cast.secretary).post(reverse(name, args=args), {**data, "do": do}, follow=True)


def only_title(cast) -> dict:
    fields = dict.fromkeys(
        ["content", "place", "served", "contact_name", "contact_phone", "flag_value", "volunteering"], ""
    )
    return typed(cast, EMPTY_ROW, **fields)


# --- writing one down --------------------------------------------------------------------------


@pytest.mark.parametrize("do", ["draft", "preview", "publish"])
def test_a_form_sent_again_is_one_task_and_other_words_are_another(cast, do):
    form = {"sent_once": "0f8fad5b-d9cd-469f-a165-70867728950e"}
    first = send(cast, "task_new", do=do, **typed(cast, **form))
    again = send(cast, "task_new", do=do, **typed(cast, **form))
    assert again.redirect_chain == first.redirect_chain
    assert (Task.objects.count(), Shift.objects.count()) == (1, 1)
    send(cast, "task_new", do=do, **typed(cast, title="另一个", **form))
    assert Task.objects.count() == 2


def test_each_form_is_its_own(cast):
    browser = browser_of(cast.secretary)
    forms = [browser.get(reverse("task_new")).context["writing"].task["sent_once"].value() for _ in range(2)]
    assert len(set(forms)) == 2
    assert f'name="sent_once" value="{forms[0]}"' not in screen(browser.get(reverse("task_new")))


def test_a_title_is_saved_as_a_draft_and_stands_first_in_the_list(cast):
    later = TaskFactory(publisher=cast.community, title="后来的")
    response = send(cast, "task_new", **only_title(cast))
    draft = Task.objects.get(status="DRAFT")
    assert response.redirect_chain[-1][0] == reverse("task_list")
    page = screen(response)
    assert page.index(draft.title) < page.rindex(draft.title) < page.index(later.title)
    assert draft.get_status_display() in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"shift-0-day": "1999-01-01"},
        {"shift-0-day": "2099-01-01"},
        {**half_day(1)},
        {"flag_value": "5"},
        {"opens_at": f"{in_days(30)}T08:00"},
        {"opens_at": "9999-12-31T23:59", "first_minutes": "60"},
        {"volunteering": ""},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_publishing_would_refuse_is_kept_in_a_draft_and_told_in_its_preview(cast, wrong):
    page = screen(send(cast, "task_new", do="preview", **typed(cast, **wrong)))
    draft = Task.objects.get()
    assert draft.status == Task.Status.DRAFT
    assert (reverse("task_draft_publish", args=[draft.pk]) in page) is ("volunteering" in wrong)
    assert not Shift.objects.announced(timezone.now()).exists()


@pytest.mark.parametrize("do", ["draft", "publish"])
def test_an_opening_that_has_passed_is_one_at_once_however_long_ago(cast, do):
    before = timezone.now()
    send(cast, "task_new", do=do, **typed(cast, opens_at="0001-01-01T00:00"))
    assert before <= Task.objects.get().opens_at <= timezone.now()


@pytest.mark.parametrize(
    "unusable",
    [
        {"title": " "},
        {"title": "题" * 61},
        {"content": "长" * 2001},
        {"flag_value": "6"},
        {"companions_at_most": "6"},
        {"first_minutes": "61"},
        {"shift-0-ends": "07:00"},
        {"shift-0-capacity": "0"},
        {"shift-0-capacity": "100000"},
        {"shift-0-starts": ""},
        {"shift-0-day": "0001-01-01", "shift-0-starts": "00:00"},
        {"shift-2-day": "2027-01-01"},
    ],
    ids=str,
)
def test_what_can_not_be_kept_is_said_and_nothing_typed_is_lost(cast, unusable):
    data = typed(cast, **unusable)
    page = screen(send(cast, "task_new", **data))
    assert 'class="errorlist' in page
    for name, value in data.items():
        if value and name.startswith("shift-") and "FORMS" not in name:
            assert f'name="{name}" value="{value}"' in page
    assert data["place"] in page
    assert not Task.objects.exists()
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    ("field", "reason", "wrong"),
    [
        ("flag_value", (Reason.FLAG_VALUE, {"most": 3}), {"flag_value": "4"}),
        ("companions_at_most", (Reason.COMPANIONS, {"most": 5}), {"companions_at_most": "6"}),
        ("companions_at_most", (Reason.COMPANIONS, {"most": 5}), {"companions_at_most": "-1"}),
        ("first_minutes", (Reason.FIRST_MINUTES, {"most": 60}), {"first_minutes": "9" * 30}),
        ("shift-1-capacity", (Reason.CAPACITY, {"most": 10_000}), half_day(1, day=in_days(4), capacity="100000")),
        ("shift-1-capacity", (Reason.CAPACITY, {"most": 10_000}), half_day(1, day=in_days(4), capacity="0")),
        ("shift-1-day", (Reason.SHIFT_TOO_FAR, {}), half_day(1, day=in_days(3650))),
        ("shift-1-starts", (Reason.SHIFTS_OVERLAP, {}), half_day(1, starts="11:00", ends="15:00")),
        ("shift-1-ends", (Reason.SHIFT_BACKWARDS, {}), half_day(1, day=in_days(4), ends="07:00")),
    ],
)
def test_each_sentence_stands_at_the_field_that_it_is_about(cast, field, reason, wrong):
    page = screen(send(cast, "task_new", do="publish", **typed(cast, **wrong)))
    after = page[page.index(f'name="{field}"') :]
    assert sentence(reason[0], **reason[1]) in after[: after.index("</ul>")]
    assert not Task.objects.exists()


def test_the_rare_fields_are_published_and_off_unless_asked_for(cast):
    send(cast, "task_new", do="publish", **typed(cast))
    plain = Task.objects.get()
    assert (plain.companions_at_most, plain.first_minutes, plain.sign_in) == (0, 0, False)
    asked = {"companions_at_most": "2", "first_minutes": "10", "sign_in": "on"}
    send(cast, "task_new", do="publish", **typed(cast, **asked))
    task = Task.objects.latest("pk")
    assert (task.companions_at_most, task.first_minutes, task.sign_in) == (2, 10, True)


def test_a_shift_asks_for_a_skill(cast):
    assert "shift-0-skill" not in screen(browser_of(cast.secretary).get(reverse("task_new"))), "there is none yet"
    skill = Skill.objects.create(name="电工")
    same = {**half_day(1, capacity="2"), "shift-1-skill": str(skill.pk)}
    send(cast, "task_new", do="publish", **typed(cast, **same))
    assert [shift.skill for shift in Shift.objects.order_by("pk")] == [None, skill]
    assert 'class="errorlist' in screen(send(cast, "task_new", **typed(cast, **{**same, "shift-1-skill": "77"})))


@pytest.mark.parametrize("who", ["secretary", "branch", "city_officer"])
def test_each_publishes_to_the_own_members_unless_something_else_is_chosen(cast, who):
    actor = getattr(cast, who)
    page = screen(browser_of(actor).get(reverse("task_new")))
    offered = page[page.index('name="audience"') :]
    assert f'value="{actor.organization.pk}"' in offered[: offered.index("</option>")]


def test_what_wishes_become_is_published_and_no_draft(cast):
    wish = WishFactory(community=cast.community, status="ACCEPTED")
    url = reverse("wish_publish_hours", args=[wish.pk])
    page = screen(browser_of(cast.secretary).get(url))
    assert 'value="publish"' in page
    assert 'value="draft"' not in page
    browser_of(cast.secretary).post(url, typed(cast, do="draft", volunteering=""))
    assert not Task.objects.exists()


# --- going on with it --------------------------------------------------------------------------


def test_the_form_shows_what_was_saved_and_an_emptied_row_is_no_shift(cast):
    draft = draft_of(cast, shifts=[morning(), morning(3, capacity=9)], companions_at_most=3)
    url = reverse("task_draft_change", args=[draft.pk])
    page = screen(browser_of(cast.secretary).get(url))
    for value in (
        draft.title,
        draft.content,
        'name="shift-1-capacity" value="9"',
        'name="companions_at_most" value="3"',
    ):
        assert value in page
    emptied = half_day(1, starts="", ends="", capacity="9") | {"shift-1-day": ""}
    changed = typed(cast, half_day(0), emptied, title="改过的")
    send(cast, "task_draft_change", draft.pk, **changed)
    draft.refresh_from_db()
    assert (draft.title, draft.status, draft.shifts.count()) == ("改过的", "DRAFT", 1)


def test_unchanged_rows_stay(cast):
    draft = draft_of(cast, shifts=[])
    send(cast, "task_draft_change", draft.pk, **typed(cast, half_day(0), half_day(1, day=in_days(4))))
    send(cast, "task_draft_change", draft.pk, **typed(cast, half_day(0), half_day(1, day=in_days(4))))
    assert draft.shifts.count() == 2


def test_it_is_published_from_its_form(cast):
    draft = draft_of(cast, shifts=[])
    response = send(cast, "task_draft_change", draft.pk, do="publish", **typed(cast))
    assert response.redirect_chain[-1][0] == reverse("task", args=[draft.pk])
    draft.refresh_from_db()
    assert (draft.status, draft.shifts.count()) == ("OPEN", 1)


def opened(cast, draft: Task) -> dict[str, str]:
    """What the form of the draft is opened with, to be sent with it."""
    form = browser_of(cast.secretary).get(reverse("task_draft_change", args=[draft.pk])).context["writing"].task
    return {"seen": form["seen"].value()}


@pytest.mark.parametrize("do", ["draft", "publish"])
def test_of_two_who_change_it_the_second_is_told_and_loses_nothing(cast, do):
    draft = draft_of(cast)
    mine, theirs = opened(cast, draft), opened(cast, draft)
    send(cast, "task_draft_change", draft.pk, **typed(cast, half_day(1), title="先改的", **theirs))
    second = send(cast, "task_draft_change", draft.pk, do=do, **typed(cast, title="后改的", **mine))
    assert sentence(AccountsReason.STATE_CHANGED) in screen(second)
    assert 'value="后改的"' in screen(second)
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("先改的", "DRAFT")
    again = {"seen": second.context["writing"].task["seen"].value()}
    send(cast, "task_draft_change", draft.pk, do=do, **typed(cast, title="后改的", **again))
    draft.refresh_from_db()
    assert draft.title == "后改的"


def test_changing_nothing_but_a_shift_is_noticed(cast):
    draft = draft_of(cast)
    before = opened(cast, draft)
    draft.shifts.update(capacity=99)
    assert opened(cast, draft) != before


def test_refused_from_its_form_it_stays_as_it_was(cast):
    draft = draft_of(cast)
    yesterday = half_day(0, day=in_days(-1))
    page = screen(send(cast, "task_draft_change", draft.pk, do="publish", **typed(cast, yesterday, title="改过的")))
    assert "改过的" in page
    draft.refresh_from_db()
    assert (draft.title, draft.status) == (SAID["title"], "DRAFT")


# --- as a member sees it -----------------------------------------------------------------------


def test_the_preview_shows_what_a_member_will_see_and_claims_nothing(cast):
    skill = Skill.objects.create(name="电工")
    opens_at = timezone.now() + timedelta(days=1)
    draft = draft_of(
        cast, shifts=[morning(), morning(skill=skill)], opens_at=opens_at, requirements="自带手套", first_minutes=15
    )
    page = screen(browser_of(cast.secretary).get(reverse("task", args=[draft.pk]), follow=True))
    for words in (*SAID.values(), "自带手套", "电工", " 15 ", timezone.localtime(opens_at).strftime("%H:%M")):
        assert words in page
    assert page.count("disabled") == 2
    assert "/claim/" not in page
    for name in DEEDS:
        assert reverse(name, args=[draft.pk]) in page


def test_publishing_from_the_preview_still_asks_whether_it_is_volunteering(cast):
    draft = draft_of(cast)
    page = screen(send(cast, "task_draft_publish", draft.pk))
    assert 'class="errorlist' in page
    draft.refresh_from_db()
    assert draft.status == Task.Status.DRAFT
    assert draft.title in screen(send(cast, "task_draft_publish", draft.pk, volunteering="on"))
    draft.refresh_from_db()
    assert draft.status == Task.Status.OPEN


def test_an_unfinished_one_is_not_published_from_the_preview(cast):
    draft = draft_of(cast, place="")
    page = screen(send(cast, "task_draft_publish", draft.pk, volunteering="on"))
    place = Task._meta.get_field("place").verbose_name
    assert sentence(Reason.FIELD_MISSING, field=place) in page


@pytest.mark.parametrize("words", ["龘䶮𠮷", "<script>alert(1)</script>", "100%(x)s {{ 7 }}"])
def test_whatever_is_written_is_shown_as_text(cast, words):
    draft = draft_of(cast, title=words, content=words)
    response = browser_of(cast.secretary).get(reverse("task_draft", args=[draft.pk]))
    assert words in screen(response)
    assert b"<script>alert" not in response.content


def test_thrown_away_it_leaves_the_list(cast):
    draft = draft_of(cast)
    response = send(cast, "task_draft_discard", draft.pk)
    assert response.redirect_chain[-1][0] == reverse("task_list")
    assert not Task.objects.exists()


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_published_meanwhile_says_so_and_leads_to_the_task(cast, name):
    draft = draft_of(cast)
    publish_draft(draft, by=cast.second_secretary)
    response = send(cast, name, draft.pk, **typed(cast, volunteering="on", title="改过的"))
    assert response.redirect_chain[-1][0] == reverse("task", args=[draft.pk])
    page = screen(response)
    assert sentence(Reason.NOT_A_DRAFT) in page
    assert "改过的" not in page


@pytest.mark.parametrize("who", ["member", "other_secretary", "branch", "city_officer", "street_officer", "inspector"])
def test_nobody_else_finds_it(cast, who):
    draft, client = draft_of(cast, audience=cast.city), browser_of(getattr(cast, who))
    shift = draft.shifts.get()
    for name in (*PAGES, "task"):
        assert client.get(reverse(name, args=[draft.pk])).status_code == 404
    for name in DEEDS:
        assert client.post(reverse(name, args=[draft.pk]), typed(cast)).status_code == 404
    assert client.get(reverse("shift", args=[shift.pk])).status_code in (403, 404)
    assert client.get(reverse("confirm_shift", args=[shift.pk])).status_code in (403, 404)
    assert draft.title not in client.get(reverse("task_list")).content.decode()
    draft.refresh_from_db()
    assert draft.status == Task.Status.DRAFT


def test_its_pages_cost_the_same_for_one_shift_and_for_ten(cast):
    Skill.objects.create(name="电工")
    client = browser_of(cast.secretary)
    one, ten = draft_of(cast), draft_of(cast, shifts=[morning(days) for days in range(2, 12)])
    for name in PAGES:
        assert queries_of(client, reverse(name, args=[one.pk])) == queries_of(client, reverse(name, args=[ten.pk]))


def test_a_boundary_line_is_justified_before_a_draft_is_published(cast):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    page = screen(send(cast, "task_new", do="preview", **typed(cast, boundary_line=line.pk)))
    assert sentence(Reason.JUSTIFICATION_MISSING, line=line) in page


# --- how many it would fit ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (0, "fewer than %(n)s members"),
        (4, "fewer than %(n)s members"),
        (5, "at least %(n)s members"),
        (9, "at least %(n)s members"),
    ],
)
def test_who_plans_sees_about_how_many_each_shift_would_fit_and_nobodys_name(cast, members, said):
    neighbours = MemberFactory.create_batch(members, community=cast.compound, free_at=WHOLE_WEEK)
    MemberFactory.create_batch(5, community=cast.other_community, free_at=WHOLE_WEEK)
    law = Skill.objects.create(name="法律")
    for member in neighbours[:1]:
        member.skills.add(law)
    draft = draft_of(cast, shifts=[morning(), morning()._replace(skill=law)])
    page = screen(browser_of(cast.secretary).get(reverse("task_draft", args=[draft.pk])))
    numbers = page.split(gettext("Whom it would fit"))[-1].split("</ul>")[0]
    assert numbers.count("<li>") == 2
    assert gettext(said) % {"n": 5} in numbers.split("<li>")[1]
    assert gettext("fewer than %(n)s members") % {"n": 5} in numbers.split("<li>")[2]
    assert not any(member.user.name in page for member in neighbours)


def test_the_numbers_cost_one_query_however_many_shifts(cast):
    browser = browser_of(cast.secretary)
    one, four = draft_of(cast), draft_of(cast, shifts=[morning(day) for day in range(2, 6)])
    pages = [reverse("task_draft", args=[draft.pk]) for draft in (one, four)]
    assert queries_of(browser, pages[0]) == queries_of(browser, pages[1])
