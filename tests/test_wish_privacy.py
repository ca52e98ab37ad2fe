"""What each role can learn of a beneficiary, from the first word to the end, on every page that could tell (domain rule 10)."""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.access import Actor
from accounts.models import Member
from flags.actions.confirm import settle_shift
from tasks.actions.agreement import report_fulfilled
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.wish import send_wish
from tasks.actions.wish_publishing import publish_wish
from tasks.actions.wish_reply import reply_to_question, say_outcome
from tasks.actions.wish_triage import accept_wish, ask_back
from tasks.models import Claim, Shift, Task, Wish
from tests.browsing import browser_of
from tests.factories import UserFactory

# What a page shows does not hang on the database: it is walked once.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="walked on PostgreSQL alone, to save time"),
]

# What is planted, and who may find which piece of it where.
NAME, PHONE, ANOTHER, THEIR_PHONE = "欧阳梅朵", "10012345670", "司马小满", "10012345671"
PLACE, WORDS, HELPER = "77幢九单元", "暗号荷叶粥", "张小明"
PRIVATE = (NAME, PHONE, ANOTHER, THEIR_PHONE, PLACE)
EVERYTHING = {*PRIVATE, WORDS, "photo"}

STAFF = ("secretary",)
OTHERS = ("nobody", "resident", "member", "other_member", "branch", "other_secretary", "unit_officer", "street_officer",
          "city_officer", "inspector")  # fmt: skip
PLAIN = ("home", "notices", "task_list", "claims", "my_wishes", "wish_queue", "wishes_board", "wishes_late", "wish_figures",
         "city_figures", "confirm_list")  # fmt: skip


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def sent(cast) -> Wish:
    """A wish for somebody else, with all that one can carry."""
    return send_wish(
        cast.community,
        by=Actor(),
        category="ELDERLY",
        text=f"想请人送一碗粥，{WORDS}。",
        place=PLACE,
        compound=cast.compound,
        name=NAME,
        phone=PHONE,
        for_whom=Wish.ForWhom.OTHER,
        for_name=ANOTHER,
        for_phone=THEIR_PHONE,
        for_consent=True,
        photos=[jpeg()],
    )


@pytest.fixture
def browsers(cast) -> dict[str, Client]:
    """One for each person, logged in once."""
    resident = Client()
    resident.force_login(UserFactory())
    known = {role: browser_of(getattr(cast, role)) for role in (*STAFF, *OTHERS) if hasattr(cast, role)}
    return known | {"nobody": Client(), "resident": resident}


def pages_of(wish: Wish) -> Iterator[str]:
    """Whatever could say something of this wish, its task, its shift and its claims."""
    own = {"wish": wish.pk, "wish_publish_hours": wish.pk, "wish_tracked": wish.number}
    for name in PLAIN:
        yield reverse(name)
    for name, key in own.items():
        yield reverse(name, args=[key])
    for task in Task.objects.values_list("pk", flat=True):
        yield reverse("task", args=[task])
    helper, year = Member.objects.get(user__name=HELPER), timezone.localdate().year
    yield reverse("dossier", args=[helper.number])
    yield reverse("dossier_services_csv", args=[helper.number, year])
    yield reverse("service_records_csv", args=[wish.community.code])
    for shift in Shift.objects.values_list("pk", flat=True):
        yield from (reverse(name, args=[shift]) for name in ("shift", "confirm_shift"))
    for claim in Claim.objects.values_list("pk", flat=True):
        yield from (reverse(name, args=[claim]) for name in ("claim", "claim_agree", "claim_report", "claim_withdraw"))


def learnt(client: Client, wish: Wish, closed: set[str]) -> set[str]:
    """Every planted piece that some page shows to who only looks; what was `closed` to them once, for want of the
    ability, stays so and need not be asked again."""
    found: set[str] = set()
    for url in pages_of(wish):
        if url in closed:
            continue
        response = client.get(url)
        if response.status_code == 403 or response.headers.get("Location", "").startswith("/accounts/login/"):
            closed.add(url)
        elif response.status_code == 200:
            text = response.content.decode()
            found |= {piece for piece in (*PRIVATE, WORDS) if piece in text}
    for photo in wish.photos.all():
        if client.get(reverse("wish_photo", args=[photo.pk])).status_code == 200:
            found.add("photo")
    return found


def told_on_request(client: Client, claim: Claim) -> set[str]:
    """What the page of name and phone tells who asks for it."""
    response = client.post(reverse("claim_contact", args=[claim.pk]))
    return {piece for piece in PRIVATE if piece in response.content.decode()} if response.status_code == 200 else set()


def walk(cast: SimpleNamespace, wish: Wish) -> Iterator[tuple[str, Claim | None]]:
    """The life of the wish; after each step its name, and the claim that is in hand then."""
    yield "new", None
    ask_back(wish, question="哪天方便？", by=cast.secretary)
    reply_to_question(wish, words="周六。", by=Actor())
    accept_wish(wish, by=cast.secretary)
    published = {"title": "给老人送粥", "content": "送一碗粥上门。", "place": "荷风雅苑一期", "served": "一位老人"}
    published |= {"contact_name": "陈书记", "contact_phone": "000-0000001"}
    task = publish_wish(wish, by=cast.secretary, **published)
    yield "published", None
    claim = claim_shift(task.shifts.get(), by=cast.member)
    yield "claimed", claim
    withdraw_claim(claim, by=cast.member)
    yield "handed back", None
    wish.refresh_from_db()
    claim = claim_shift(task.shifts.get(), by=cast.member)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    report_fulfilled(
        claim, words="送到了。", starts_at=midnight, ends_at=midnight + timedelta(minutes=1), by=cast.member
    )
    yield "reported", claim
    settle_shift(claim.shift, {claim.pk: Claim.Status.ATTENDED}, by=cast.secretary)
    yield "confirmed", None
    wish.refresh_from_db()
    say_outcome(wish, done=False, words="粥是凉的。", by=Actor())
    publish_wish(wish, by=cast.secretary, **published)
    yield "published again", None


def test_who_learns_what_at_each_step(cast, sent, browsers):
    closed: dict[str, set[str]] = defaultdict(set)
    for step, in_hand in walk(cast, sent):
        sent.refresh_from_db()
        for role, client in browsers.items():
            known = learnt(client, sent, closed[role])
            if role in STAFF:
                assert known == EVERYTHING, (step, role, EVERYTHING - known)
            elif role == "member" and in_hand:
                assert known == {"photo"}, (step, role)
                assert told_on_request(client, in_hand) == set(PRIVATE), step
            else:
                assert not known, (step, role)
            for claim in Claim.objects.exclude(pk=in_hand.pk if in_hand else None):
                assert not told_on_request(client, claim), (step, role)
