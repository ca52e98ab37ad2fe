"""Every URL as every role, own and foreign. A route that nobody declared here fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import CheckIn, Exemption, Feedback, Notice, Record, RosterEntry, RosterImport, User
from flags.actions.dossier_opinion import write_opinion
from flags.models import ComplianceReport, ReportRun
from flags.models.dossier_serial import new_serial
from tasks.actions.photo import storing
from tasks.actions.wish_photo import storing_photos
from tasks.models import (
    ActivityPhoto,
    AnswerTemplate,
    CalendarAddress,
    DayPhoto,
    GroupClaim,
    Shift,
    StewardApplication,
    SuggestionPhoto,
    Wish,
    WishPhoto,
)
from tasks.queries.sign_in import code_of
from tests.conftest import kept_until_the_end, the_cast
from tests.factories import (
    ActivityReportFactory,
    AppealFactory,
    AppointmentFactory,
    AwardMatterFactory,
    ClaimFactory,
    CommunityFactory,
    GroupProjectFactory,
    GroupRequestFactory,
    HelperGroupFactory,
    LateEntryFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
    UserFactory,
    WishFactory,
)
from tests.flags.ledger import award

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROLES = [
    "nobody",
    "resident",
    "member",
    "secretary",
    "branch",
    "unit_officer",
    "street_officer",
    "city_officer",
    "inspector",
]
EVERYONE = set(ROLES)
SIGNED_IN = EVERYONE - {"nobody"}
Args = Callable[[SimpleNamespace], list]


@dataclass(frozen=True)
class Route:
    """Who may; with which arguments it is theirs; with which it is somebody else's; and how it answers."""

    who: set[str]
    args: Args = lambda world: []
    foreign: Args | None = None
    post: bool = False
    query: dict[str, Any] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)  # roles that get 404: they have the ability, but not this one
    ok: tuple[int, ...] = (200, 302)


ROUTES: dict[str, Route] = {
    # accounts
    "home": Route(EVERYONE),
    "communities": Route(EVERYONE),
    "community": Route(EVERYONE, lambda w: [w.community.code]),
    "community_qr": Route(EVERYONE, lambda w: [w.community.code]),
    "community_poster": Route(EVERYONE, lambda w: [w.community.code]),
    "community_poster_pdf": Route(SIGNED_IN, lambda w: [w.community.code]),
    "check_in_at": Route(EVERYONE, lambda w: [w.community.code]),
    "check_in": Route(SIGNED_IN),
    "check_in_receipt": Route({"member"}, unseen=SIGNED_IN - {"member"}),
    "check_in_queue": Route({"secretary", "city_officer"}),
    "check_ins_reviewed": Route({"secretary", "city_officer"}),
    "check_ins_approve": Route({"secretary", "city_officer"}),
    "check_ins_return": Route({"secretary", "city_officer"}, post=True),
    "check_in_approve": Route(
        {"secretary"},
        lambda w: [w.check_in.pk],
        lambda w: [w.other_check_in.pk],
        post=True,
        unseen={"city_officer"},
    ),
    "check_in_return": Route(
        {"secretary"}, lambda w: [w.check_in.pk], lambda w: [w.other_check_in.pk], unseen={"city_officer"}
    ),
    "unit_news": Route({"unit_officer"}),
    "unit_news_read": Route({"unit_officer"}, post=True),
    "standing": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
    ),
    "standing_retire": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
        post=True,
    ),
    "standing_return": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
        post=True,
    ),
    "standing_exempt": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
        post=True,
    ),
    "exemption_end": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.member.member.number, w.exemption.pk],
        lambda w: [w.other_member.member.number, w.other_exemption.pk],
        post=True,
    ),
    "members": Route({"secretary", "city_officer"}),
    "members_csv": Route({"secretary", "city_officer"}),
    "members_xlsx": Route({"secretary", "city_officer"}),
    "roster": Route({"unit_officer"}, unseen={"city_officer"}),
    "roster_remind": Route({"unit_officer"}),
    "unit_roster": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.unit.code],
        lambda w: [w.other_unit.code],
    ),
    "unit_roster_csv": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.unit.code],
        lambda w: [w.other_unit.code],
    ),
    "unit_roster_xlsx": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.unit.code],
        lambda w: [w.other_unit.code],
    ),
    "coverage": Route({"city_officer", "street_officer", "inspector"}),
    "roster_import_new": Route({"unit_officer"}),
    "roster_template_xlsx": Route({"unit_officer"}),
    "roster_template_csv": Route({"unit_officer"}),
    "roster_import": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk]),
    "roster_import_apply": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk], post=True),
    "roster_import_recheck": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk], post=True),
    "roster_import_undo": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk], post=True),
    "roster_import_discard": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk], post=True),
    "roster_import_wrong": Route({"unit_officer"}, lambda w: [w.list.pk], lambda w: [w.other_list.pk]),
    "roster_entry_new": Route({"unit_officer"}),
    "roster_entry": Route({"unit_officer"}, lambda w: [w.entry.pk], lambda w: [w.other_entry.pk]),
    "roster_entry_remove": Route({"unit_officer"}, lambda w: [w.entry.pk], lambda w: [w.other_entry.pk], post=True),
    "roster_duplicates": Route({"unit_officer", "city_officer"}),
    "roster_merge": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.entry.pk, w.namesake.pk],
        lambda w: [w.entry.pk, w.other_entry.pk],
        post=True,
    ),
    "roster_distinct": Route(
        {"unit_officer", "city_officer"},
        lambda w: [w.entry.pk, w.namesake.pk],
        lambda w: [w.entry.pk, w.other_entry.pk],
        post=True,
    ),
    "notices": Route(SIGNED_IN),
    "notices_read": Route(SIGNED_IN, post=True),
    "notice_settings": Route(SIGNED_IN),
    "notice_open": Route({"member"}, lambda w: [w.notice.pk], post=True, unseen=SIGNED_IN - {"member"}),
    "me": Route(SIGNED_IN),
    "my_help": Route({"member"}, unseen=SIGNED_IN - {"member"}),
    "hat": Route(set(), post=True, unseen=SIGNED_IN),
    "abilities": Route(SIGNED_IN),
    "appointments": Route({"city_officer"}),
    "appointment_new": Route({"city_officer"}),
    "appointment_end": Route({"city_officer"}, lambda w: [w.secretary.appointment.pk], lambda w: [w.elsewhere.pk]),
    "appointment_hand_over": Route(
        {"city_officer"}, lambda w: [w.secretary.appointment.pk], lambda w: [w.elsewhere.pk]
    ),
    "appointment_link": Route({"city_officer"}, lambda w: [w.secretary.appointment.pk], lambda w: [w.elsewhere.pk]),
    "organizations": Route({"city_officer"}),
    "organization_new": Route({"city_officer"}),
    "organization": Route({"city_officer"}, lambda w: [w.community.pk], lambda w: [w.elsewhere.organization_id]),
    "organization_close": Route({"city_officer"}, lambda w: [w.community.pk], lambda w: [w.elsewhere.organization_id]),
    "community_merge": Route({"city_officer"}, lambda w: [w.community.pk], lambda w: [w.elsewhere.organization_id]),
    "display": Route(EVERYONE, post=True),
    "privacy": Route(EVERYONE),
    "feedback": Route(EVERYONE),
    "demo_login": Route(set(), post=True, unseen=EVERYONE),
    "account_login": Route(EVERYONE),
    "account_logout": Route(EVERYONE),
    "account_signup": Route(EVERYONE),
    "account_change_password": Route(SIGNED_IN),
    "account_reset_password_from_key": Route(EVERYONE, lambda w: ["1", "used"]),
    "account_reauthenticate": Route(SIGNED_IN),
    "account_inactive": Route(EVERYONE),
    "healthz": Route(EVERYONE, ok=(200, 503)),
    # tasks
    "wish_new": Route(EVERYONE, lambda w: [w.community.code]),
    "wish_track": Route(EVERYONE),
    "wish_forget": Route(EVERYONE, post=True),
    "wish_tracked": Route(set(), lambda w: [w.wish.number], unseen=EVERYONE),
    "wish_outcome": Route(set(), lambda w: [w.wish.number], post=True, unseen=EVERYONE),
    "wish_reply": Route(set(), lambda w: [w.wish.number], post=True, unseen=EVERYONE),
    "wish_keep": Route(set(), lambda w: [w.wish.number], post=True, unseen=SIGNED_IN),
    "my_wishes": Route(SIGNED_IN),
    "wish_photo": Route(
        {"secretary"}, lambda w: [w.photo.pk], lambda w: [w.other_photo.pk], unseen=EVERYONE - {"secretary"}, ok=(200,)
    ),
    "wish_queue": Route({"secretary"}),
    "wish": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk]),
    "wish_accept": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_decline": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_ask": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_reply_written": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_verify": Route(
        {"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True, query={"how": "PHONE"}
    ),
    "wish_text": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_mark": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_merge": Route(
        {"secretary"}, lambda w: [w.wish.pk, w.earlier_wish.pk], lambda w: [w.wish.pk, w.other_wish.pk]
    ),
    "wish_outcome_written": Route(
        {"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True, query={"done": "yes"}
    ),
    "wish_thanks": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_enter": Route({"secretary"}),
    "wish_templates": Route({"secretary"}),
    "wish_template_remove": Route({"secretary"}, lambda w: [w.template.pk], lambda w: [w.other_template.pk], post=True),
    "wish_publish": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk], post=True),
    "wish_publish_hours": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk]),
    "wishes_publish": Route({"secretary"}),
    "wishes_late": Route({"city_officer", "street_officer", "inspector"}),
    "wishes_board": Route({"secretary"}),
    "task_list": Route({"member", "secretary", "branch", "city_officer"}),
    "task": Route(
        {"member", "secretary", "city_officer", "street_officer", "inspector"},
        lambda w: [w.shift.task_id],
        lambda w: [w.other_shift.task_id],
        unseen={"resident", "unit_officer", "branch"},
    ),
    "task_widen": Route(
        {"secretary"},
        lambda w: [w.shift.task_id],
        lambda w: [w.other_shift.task_id],
        post=True,
        unseen={"branch"},
    ),
    "task_new": Route({"secretary", "branch", "city_officer"}),
    # A draft is found by nobody but those in whose name it is written.
    "task_draft": Route(
        {"secretary"}, lambda w: [w.draft.pk], lambda w: [w.other_draft.pk], unseen=SIGNED_IN - {"secretary"}
    ),
    "task_draft_change": Route(
        {"secretary"}, lambda w: [w.draft.pk], lambda w: [w.other_draft.pk], unseen=SIGNED_IN - {"secretary"}
    ),
    "task_draft_publish": Route(
        {"secretary"}, lambda w: [w.draft.pk], lambda w: [w.other_draft.pk], post=True, unseen=SIGNED_IN - {"secretary"}
    ),
    "task_draft_discard": Route(
        {"secretary"}, lambda w: [w.draft.pk], lambda w: [w.other_draft.pk], post=True, unseen=SIGNED_IN - {"secretary"}
    ),
    "task_copy": Route(
        {"secretary"}, lambda w: [w.shift.task_id], lambda w: [w.other_shift.task_id], post=True, unseen={"branch"}
    ),
    "task_repeat": Route(
        {"secretary"}, lambda w: [w.shift.task_id], lambda w: [w.other_shift.task_id], unseen={"branch"}
    ),
    "task_change": Route(
        {"secretary"}, lambda w: [w.shift.task_id], lambda w: [w.other_shift.task_id], unseen={"branch"}
    ),
    "task_pass_down": Route({"city_officer"}),
    "hosting_list": Route({"secretary", "branch", "city_officer"}),
    "task_host": Route({"secretary"}, lambda w: [w.passed_down.pk], lambda w: [w.shift.task_id], unseen={"branch"}),
    "task_hosted": Route(
        {"secretary", "city_officer", "inspector"},
        lambda w: [w.passed_down.pk],
        lambda w: [w.passed_down_elsewhere.pk],
        unseen={"resident", "member", "branch", "unit_officer", "street_officer"},
    ),
    "hosting_remind": Route({"city_officer"}, lambda w: [w.passed_down.pk], post=True, unseen={"branch"}),
    "shift_new": Route(
        {"secretary"}, lambda w: [w.shift.task_id], lambda w: [w.other_shift.task_id], unseen={"branch"}
    ),
    "shift_change": Route({"secretary"}, lambda w: [w.shift.pk], lambda w: [w.other_shift.pk], unseen={"branch"}),
    "shift_cancel": Route({"secretary"}, lambda w: [w.shift.pk], lambda w: [w.other_shift.pk], unseen={"branch"}),
    "task_cancel": Route(
        {"secretary"}, lambda w: [w.shift.task_id], lambda w: [w.other_shift.task_id], unseen={"branch"}
    ),
    "shift_claim": Route({"member"}, lambda w: [w.shift.pk], post=True),
    "shift_group": Route({"member"}, lambda w: [w.shift.pk], lambda w: [w.other_shift.pk]),
    "groups": Route({"member", "secretary"}),
    "group_new": Route({"secretary"}),
    "group": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk]),
    "group_invite": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk]),
    "group_answer": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_leave": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_leader": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_take_out": Route(
        {"secretary"},
        lambda w: [w.group.pk, w.group.memberships.get().pk],
        lambda w: [w.other_group.pk, w.other_group.memberships.get().pk],
        post=True,
    ),
    "group_change": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk]),
    "group_join": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_join_back": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_asker": Route(
        {"member", "secretary"},
        lambda w: [w.group.pk, w.group.memberships.get().pk],
        lambda w: [w.other_group.pk, w.other_group.memberships.get().pk],
        post=True,
    ),
    "group_lead_answer": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_lead_back": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_dissolve": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk]),
    "group_keep": Route({"member"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk], post=True),
    "group_project_new": Route({"member", "secretary"}, lambda w: [w.group.pk], lambda w: [w.other_group.pk]),
    "group_project_change": Route({"member", "secretary"}, lambda w: [w.project.pk], lambda w: [w.other_project.pk]),
    "group_project_offer": Route(
        {"member", "secretary"}, lambda w: [w.project.pk], lambda w: [w.other_project.pk], post=True
    ),
    "group_project_ask": Route({"secretary"}, lambda w: [w.project.pk], lambda w: [w.other_project.pk]),
    "community_groups": Route(EVERYONE, lambda w: [w.community.code]),
    "group_wish": Route(EVERYONE, lambda w: [w.community.code, w.project.pk]),
    "wish_group": Route({"secretary"}, lambda w: [w.wish.pk], lambda w: [w.other_wish.pk]),
    "group_requests": Route({"member", "secretary"}),
    "group_request": Route({"member", "secretary"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_accept": Route({"member"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_decline": Route({"member"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_again": Route({"secretary"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_off": Route({"secretary"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_publish": Route({"secretary"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk]),
    "group_request_contact": Route({"member"}, lambda w: [w.request.pk], lambda w: [w.other_request.pk], post=True),
    "group_claim": Route({"member", "secretary"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk]),
    "group_claim_fill": Route({"member"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk], post=True),
    "group_claim_let_go": Route(
        {"member"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk], post=True
    ),
    "group_claim_accept": Route(
        {"member"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk], post=True
    ),
    "group_claim_decline": Route(
        {"member"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk], post=True
    ),
    "group_claim_withdraw": Route({"member"}, lambda w: [w.group_claim.pk], lambda w: [w.other_group_claim.pk]),
    "shift": Route({"member"}, lambda w: [w.shift.pk], lambda w: [w.other_shift.pk]),
    "shift_wait": Route({"member"}, lambda w: [w.shift.pk], post=True),
    "claims": Route({"member"}),
    "claim": Route({"member"}, lambda w: [w.taken.pk], lambda w: [w.other_taken.pk]),
    "claim_contact": Route({"member"}, lambda w: [w.taken.pk], lambda w: [w.other_taken.pk], post=True),
    "claim_contacted": Route({"member"}, lambda w: [w.taken.pk], lambda w: [w.other_taken.pk], post=True),
    "claim_agree": Route({"member"}, lambda w: [w.taken.pk], lambda w: [w.other_taken.pk]),
    "claim_report": Route({"member", "secretary"}, lambda w: [w.taken.pk], lambda w: [w.other_taken.pk]),
    "claim_accept": Route({"member"}, lambda w: [w.claim.pk], lambda w: [w.other_claim.pk], post=True),
    "claim_stand_in": Route({"member"}, lambda w: [w.claim.pk], lambda w: [w.other_claim.pk], post=True),
    "claim_keep": Route({"member"}, lambda w: [w.claim.pk], lambda w: [w.other_claim.pk], post=True),
    "claim_come": Route({"member"}, lambda w: [w.claim.pk], lambda w: [w.other_claim.pk], post=True),
    "claim_withdraw": Route({"member"}, lambda w: [w.claim.pk], lambda w: [w.other_claim.pk]),
    "suggestion_send": Route(EVERYONE, lambda w: [w.community.code]),
    "suggestion_tracked": Route(set(), lambda w: [w.resident_suggestion.number], unseen=EVERYONE),
    "my_suggestions": Route(SIGNED_IN),
    "suggestion_new": Route({"member"}),
    "suggestion_queue": Route({"secretary", "city_officer"}),
    "suggestion": Route(
        {"member", "secretary"},
        lambda w: [w.suggestion.pk],
        lambda w: [w.other_suggestion.pk],
        unseen=SIGNED_IN - {"member", "secretary"},
    ),
    "suggestion_answer": Route(
        {"secretary"},
        lambda w: [w.suggestion.pk],
        lambda w: [w.other_suggestion.pk],
        post=True,
        unseen={"city_officer"},
    ),
    "suggestion_outcome": Route(
        {"secretary"},
        lambda w: [w.suggestion.pk],
        lambda w: [w.other_suggestion.pk],
        post=True,
        unseen={"city_officer"},
    ),
    "suggestion_photo": Route(
        {"member", "secretary"},
        lambda w: [w.suggestion_photo.pk],
        lambda w: [w.other_suggestion_photo.pk],
        unseen=EVERYONE - {"member", "secretary"},
        ok=(200,),
    ),
    # flags
    "flag_wall": Route({"member"}),
    "confirm_list": Route({"secretary", "branch", "city_officer"}),
    "confirm_shift": Route(
        {"secretary", "city_officer"}, lambda w: [w.past_shift.pk], lambda w: [w.other_shift.pk], unseen={"branch"}
    ),
    "member_duplicates": Route({"city_officer"}),
    "member_merge": Route(
        {"city_officer"}, lambda w: [w.member.member.number, w.other_member.member.number], post=True
    ),
    "members_distinct": Route(
        {"city_officer"}, lambda w: [w.member.member.number, w.other_member.member.number], post=True
    ),
    "unit_dashboard": Route({"unit_officer"}, unseen={"city_officer", "inspector"}),
    "unit_of": Route({"unit_officer", "city_officer", "inspector"}, lambda w: [w.unit.code]),
    "unit_member": Route(
        {"unit_officer", "city_officer", "inspector"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
    ),
    "wish_figures": Route({"street_officer", "city_officer", "inspector"}),
    "city_figures": Route({"street_officer", "city_officer", "inspector"}),
    "report_list": Route({"unit_officer", "city_officer", "inspector"}),
    "report_request": Route({"unit_officer", "city_officer"}, post=True),
    "report_run": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.run.pk], lambda w: [w.other_run.pk]
    ),
    "report": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.report.pk], lambda w: [w.other_report.pk]
    ),
    "report_csv": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.report.pk], lambda w: [w.other_report.pk]
    ),
    "report_xlsx": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.report.pk], lambda w: [w.other_report.pk]
    ),
    "report_pdf": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.report.pk], lambda w: [w.other_report.pk]
    ),
    "report_year": Route({"unit_officer", "city_officer", "inspector"}, lambda w: [2025]),
    "report_year_csv": Route({"unit_officer", "city_officer", "inspector"}, lambda w: [2025]),
    "report_year_xlsx": Route({"unit_officer", "city_officer", "inspector"}, lambda w: [2025]),
    "report_lock": Route({"city_officer"}, lambda w: [2025], post=True),
    "report_correct": Route({"city_officer"}, lambda w: [w.locked_year]),
    "year_rule": Route({"city_officer"}),
    "year_rule_of": Route({"city_officer"}, lambda w: [timezone.localdate().year]),
    # red stewards
    "posts": Route({"member", "secretary", "branch"}),
    "post_new": Route({"secretary", "branch"}),
    "post": Route({"member", "secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], unseen={"branch"}),
    "post_change": Route({"secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], unseen={"branch"}),
    "post_close": Route({"secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], unseen={"branch"}),
    "post_end": Route({"secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], unseen={"branch"}),
    "post_apply": Route({"member"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], post=True),
    "post_answer": Route({"member"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], post=True),
    "post_give_up": Route({"member"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk]),
    "post_successor": Route(
        {"member", "secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], unseen={"branch"}
    ),
    "post_unname": Route(
        {"member", "secretary"}, lambda w: [w.post.pk], lambda w: [w.other_post.pk], post=True, unseen={"branch"}
    ),
    "post_log": Route({"member"}, lambda w: [w.post.pk, 2026, 1], lambda w: [w.other_post.pk, 2026, 1]),
    "post_applications": Route({"secretary", "branch", "city_officer"}),
    "application_withdraw": Route(
        {"member"}, lambda w: [w.application.pk], lambda w: [w.other_application.pk], post=True
    ),
    "application_approve": Route(
        {"secretary"},
        lambda w: [w.application.pk],
        lambda w: [w.other_application.pk],
        post=True,
        unseen={"branch", "city_officer"},
    ),
    "application_decline": Route(
        {"secretary"},
        lambda w: [w.application.pk],
        lambda w: [w.other_application.pk],
        unseen={"branch", "city_officer"},
    ),
    "steward_logs": Route({"secretary", "city_officer"}),
    "steward_log": Route(
        {"secretary"}, lambda w: [w.log.pk], lambda w: [w.other_log.pk], unseen={"branch", "city_officer"}
    ),
    "steward_log_confirm": Route(
        {"secretary"}, lambda w: [w.log.pk], lambda w: [w.other_log.pk], post=True, unseen={"city_officer"}
    ),
    "steward_log_return": Route(
        {"secretary"}, lambda w: [w.log.pk], lambda w: [w.other_log.pk], post=True, unseen={"city_officer"}
    ),
    # calendars
    "claim_calendar": Route({"member"}),
    "calendar_address": Route({"member"}),
    "calendar_address_renew": Route({"member"}, post=True),
    "calendar_address_close": Route({"member"}, post=True),
    "calendar_feed": Route(EVERYONE, lambda w: [w.calendar.path.split("/")[-1].removesuffix(".ics")], ok=(200,)),
    # reports of activities
    "activity_reports": Route({"member", "secretary", "branch", "city_officer", "street_officer", "inspector"}),
    "activity_reports_due": Route({"secretary", "branch", "city_officer", "street_officer", "inspector"}),
    "activity_report": Route(
        {"member", "secretary", "city_officer", "street_officer", "inspector"},
        lambda w: [w.activity.pk],
        lambda w: [w.other_activity.pk],
        unseen={"resident", "branch", "unit_officer"},
    ),
    "activity_report_write": Route(
        {"secretary"}, lambda w: [w.past_shift.task_id], lambda w: [w.other_past_shift.task_id], unseen={"branch"}
    ),
    "activity_services": Route(
        {"secretary", "city_officer"}, lambda w: [w.activity.pk], lambda w: [w.other_activity.pk], unseen={"branch"}
    ),
    "activity_photo": Route(
        {"member", "secretary", "city_officer", "street_officer", "inspector"},
        lambda w: [w.activity_photo.pk],
        lambda w: [w.other_activity_photo.pk],
        unseen={"resident", "branch", "unit_officer"},
        ok=(200,),
    ),
    "service_figures": Route({"secretary", "city_officer", "street_officer", "inspector"}),
    "service_lines": Route(
        {"secretary", "city_officer"}, lambda w: [w.community.code], lambda w: [w.other_community.code]
    ),
    "shift_calendar": Route({"member"}, lambda w: [w.claim.shift_id], lambda w: [w.other_claim.shift_id], ok=(200,)),
    # on the day
    "day": Route({"secretary"}, lambda w: [w.past_shift.pk], lambda w: [w.other_past_shift.pk], unseen={"branch"}),
    "day_ticks": Route(
        {"secretary"},
        lambda w: [w.past_shift.pk],
        lambda w: [w.other_past_shift.pk],
        post=True,
        unseen={"branch"},
        ok=(400,),  # no ticks are sent here
    ),
    "day_join": Route({"secretary"}, lambda w: [w.past_shift.pk], lambda w: [w.other_past_shift.pk], unseen={"branch"}),
    "day_note": Route({"secretary"}, lambda w: [w.past_shift.pk], lambda w: [w.other_past_shift.pk], unseen={"branch"}),
    "day_code": Route({"secretary"}, lambda w: [w.past_shift.pk], lambda w: [w.other_past_shift.pk], unseen={"branch"}),
    "sign_in": Route({"member"}, lambda w: [w.past_shift.pk, code_of(w.past_shift, timezone.now())]),
    "day_photo": Route(
        {"secretary", "city_officer"},
        lambda w: [w.day_photo.pk],
        lambda w: [w.other_day_photo.pk],
        unseen={"branch"},
        ok=(200,),
    ),
    "day_photo_remove": Route(
        {"secretary"}, lambda w: [w.day_photo.pk], lambda w: [w.other_day_photo.pk], post=True, unseen={"branch"}
    ),
    # the ledger
    "ledger": Route({"secretary", "city_officer"}),
    "ledger_line": Route({"secretary", "city_officer"}, lambda w: [w.line.pk], lambda w: [w.other_line.pk]),
    "ledger_revoke": Route(
        {"secretary", "city_officer"}, lambda w: [w.line.pk], lambda w: [w.other_line.pk], post=True
    ),
    "ledger_reinstate": Route(
        {"secretary", "city_officer"}, lambda w: [w.line.pk], lambda w: [w.other_line.pk], post=True
    ),
    "matter_award": Route({"secretary", "city_officer"}),
    "late_entries": Route({"secretary", "city_officer"}),
    "late_entry_new": Route({"secretary", "city_officer"}),
    "late_entry": Route({"secretary", "city_officer"}, lambda w: [w.late_entry.pk], lambda w: [w.other_late_entry.pk]),
    "late_entry_approve": Route(
        {"secretary", "city_officer"}, lambda w: [w.late_entry.pk], lambda w: [w.other_late_entry.pk], post=True
    ),
    "late_entry_decline": Route(
        {"secretary", "city_officer"}, lambda w: [w.late_entry.pk], lambda w: [w.other_late_entry.pk], post=True
    ),
    "award_matters": Route({"city_officer"}),
    "award_matter": Route({"city_officer"}, lambda w: [w.matter.pk], lambda w: [w.matter_elsewhere.pk]),
    # dossiers
    "my_dossier": Route({"member"}),
    "dossier": Route(
        {"member", "secretary", "unit_officer", "city_officer"},
        lambda w: [w.member.member.number],
        lambda w: [w.other_member.member.number],
    ),
    "dossier_seal": Route(
        {"member", "secretary", "unit_officer", "city_officer"},
        lambda w: [w.member.member.number, w.last_year],
        lambda w: [w.other_member.member.number, w.last_year],
        post=True,
    ),
    "dossier_pdf": Route(
        {"member", "secretary", "unit_officer", "city_officer"},
        lambda w: [w.member.member.number, w.last_year],
        lambda w: [w.other_member.member.number, w.last_year],
    ),
    "dossier_services_csv": Route(
        {"member", "secretary", "unit_officer", "city_officer"},
        lambda w: [w.member.member.number, w.last_year],
        lambda w: [w.other_member.member.number, w.last_year],
    ),
    "dossier_services_xlsx": Route(
        {"member", "secretary", "unit_officer", "city_officer"},
        lambda w: [w.member.member.number, w.last_year],
        lambda w: [w.other_member.member.number, w.last_year],
    ),
    "dossier_opinion": Route(
        {"secretary", "unit_officer"},
        lambda w: [w.member.member.number, w.last_year],
        lambda w: [w.other_member.member.number, w.last_year],
    ),
    "opinion_answer": Route({"member"}, lambda w: [w.opinion.pk], lambda w: [w.other_opinion.pk], post=True),
    "service_records_csv": Route(
        {"secretary", "city_officer"}, lambda w: [w.community.code], lambda w: [w.other_community.code]
    ),
    "service_records_xlsx": Route(
        {"secretary", "city_officer"}, lambda w: [w.community.code], lambda w: [w.other_community.code]
    ),
    "unit_annual_report": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.unit.code], lambda w: [w.other_unit.code]
    ),
    "unit_annual_report_pdf": Route(
        {"unit_officer", "city_officer", "inspector"}, lambda w: [w.unit.code], lambda w: [w.other_unit.code]
    ),
    "community_annual_report": Route(
        {"secretary", "city_officer"}, lambda w: [w.community.code], lambda w: [w.other_community.code]
    ),
    "community_annual_report_pdf": Route(
        {"secretary", "city_officer"}, lambda w: [w.community.code], lambda w: [w.other_community.code]
    ),
    "verify": Route(EVERYONE),
    "verified": Route(EVERYONE, lambda w: [new_serial(w.last_year)], ok=(200,)),
}

ROUTES |= {
    # appeals
    "appeal_queue": Route({"secretary", "unit_officer", "city_officer"}),
    "my_appeals": Route({"member"}),
    "appeal_new": Route({"member"}, lambda w: ["claim", w.absent.pk], lambda w: ["claim", w.other_absent.pk]),
    "appeal": Route(
        {"member", "secretary", "city_officer"},
        lambda w: [w.appeal.pk],
        lambda w: [w.other_appeal.pk],
        unseen=SIGNED_IN - {"member", "secretary", "city_officer"},
    ),
    "appeal_answer": Route(
        {"secretary"}, lambda w: [w.appeal.pk], lambda w: [w.other_appeal.pk], post=True, unseen={"unit_officer"}
    ),
    "appeal_decide": Route({"city_officer"}, lambda w: [w.appeal.pk], post=True),
}

# Who oversees the whole city sees what is foreign to the others; nobody sees what lies in another city.
SEES_ALL = {"city_officer", "inspector"}
OTHER_CITY = {
    name
    for name in ROUTES
    if name.startswith(("appointment", "organization", "community_merge", "task_hosted", "award_matter"))
}


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from patterns(pattern)
        else:
            yield pattern


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """The cast with one of everything, built once: each test goes back to it when it is over."""
    with django_db_blocker.unblock(), kept_until_the_end(lambda: with_one_of_everything(the_cast())) as written:
        yield written


def with_one_of_everything(cast: SimpleNamespace) -> SimpleNamespace:
    """Once theirs and once the neighbours'."""
    now = timezone.now()
    sides = [
        ("", cast.community, cast.unit, cast.member),
        ("other_", cast.other_community, cast.other_unit, cast.other_member),
    ]
    for prefix, community, unit, member in sides:
        newcomer = MemberFactory()
        check_in = CheckIn.objects.create(member=newcomer, community=community, unit=unit, address="2-202")
        shift = ShiftFactory(task=TaskFactory(publisher=community))
        past = ShiftFactory(task=shift.task, starts_at=now - timedelta(days=2), status=Shift.Status.ENDED)
        group = HelperGroupFactory(community=community, leader=member.member)
        project = GroupProjectFactory(group=group)
        year = timezone.localdate().year
        post = StewardPostFactory(compound=community, holder=member.member)
        vars(cast).update(
            {
                f"{prefix}check_in": check_in,
                f"{prefix}exemption": Exemption.objects.create(member=member.member, reason="OTHER", starts_on=now),
                f"{prefix}earlier_wish": WishFactory(community=community),
                f"{prefix}wish": WishFactory(community=community),
                f"{prefix}template": AnswerTemplate.objects.create(
                    organization=community, purpose="DECLINE", text="请打物业电话"
                ),
                f"{prefix}suggestion": SuggestionFactory(community=community, author=member.member),
                f"{prefix}shift": shift,
                f"{prefix}draft": TaskFactory(publisher=community, status="DRAFT"),
                f"{prefix}past_shift": past,
                f"{prefix}claim": ClaimFactory(shift=ShiftFactory(task=shift.task), member=member.member),
                f"{prefix}taken": ClaimFactory(
                    shift=ShiftFactory(task=shift.task, by_agreement=True, starts_at=now),
                    member=member.member,
                    starts_at=None,
                    ends_at=None,
                ),
                f"{prefix}group": group,
                f"{prefix}project": project,
                f"{prefix}request": GroupRequestFactory(project=project),
                f"{prefix}group_claim": GroupClaim.objects.create(
                    group=group, shift=ShiftFactory(task=shift.task), leader=member.member, claimed_at=now
                ),
                f"{prefix}post": post,
                f"{prefix}activity": ActivityReportFactory(task=TaskFactory(publisher=community)),
                f"{prefix}application": StewardApplication.objects.create(post=post, member=member.member),
                f"{prefix}log": StewardLogFactory(post=post, member=member.member),
                f"{prefix}entry": RosterEntry.objects.create(unit=unit, name="赵六", phone="10000000777"),
                f"{prefix}line": award(cast, member.member, timezone.localdate(), community=community),
                f"{prefix}late_entry": LateEntryFactory(community=community, member=MemberFactory(community=community)),
                f"{prefix}namesake": RosterEntry.objects.create(unit=unit, name="赵六", phone="10000000778"),
                f"{prefix}list": RosterImport.objects.create(
                    unit=unit, file_name="a.csv", status=RosterImport.Status.READY, requested_by=member.user
                ),
                f"{prefix}absent": ClaimFactory(
                    shift=ShiftFactory(task=shift.task, starts_at=now - timedelta(days=9)),
                    member=member.member,
                    status="ABSENT",
                ),
                f"{prefix}appeal": AppealFactory(
                    member=member.member,
                    claim=ClaimFactory(
                        shift=ShiftFactory(task=shift.task, starts_at=now - timedelta(days=12)),
                        member=member.member,
                        status="ABSENT",
                    ),
                ),
                f"{prefix}run": ReportRun.objects.create(scope=unit, year=year),
                f"{prefix}report": ComplianceReport.objects.create(
                    unit=unit, year=year, as_of=timezone.localdate(), built_at=now
                ),
            }
        )
    cast.locked_year = year - 1
    ComplianceReport.objects.create(
        unit=cast.unit,
        year=cast.locked_year,
        as_of=timezone.localdate(),
        built_at=now,
        locked_at=now,
        status="LOCKED",
        number="QL-1",
        digest="0",
    )
    cast.last_year = timezone.localdate().year - 1
    for prefix, member, writer in (
        ("", cast.member, cast.secretary),
        ("other_", cast.other_member, cast.other_secretary),
    ):
        opinion = write_opinion(member.member, year=cast.last_year, text="热心、守时。", by=writer)
        setattr(cast, f"{prefix}opinion", opinion)
    cast.notice = Notice.objects.create(
        user=cast.member.user, kind=Notice.Kind.CHECK_IN_APPROVED, params={"community": ""}
    )
    for prefix in ("", "other_"):
        with storing_photos() as store:
            store([b"a picture"], wish=getattr(cast, f"{prefix}wish"))
        setattr(cast, f"{prefix}photo", WishPhoto.objects.latest("pk"))
        with storing(SuggestionPhoto) as store:
            store([b"a picture"], suggestion=getattr(cast, f"{prefix}suggestion"))
        setattr(cast, f"{prefix}suggestion_photo", SuggestionPhoto.objects.latest("pk"))
        with storing(ActivityPhoto) as store:
            store([b"a picture"], report=getattr(cast, f"{prefix}activity"))
        setattr(cast, f"{prefix}activity_photo", ActivityPhoto.objects.latest("pk"))
        with storing(DayPhoto) as store:
            store([b"a picture"], shift=getattr(cast, f"{prefix}past_shift"))
        setattr(cast, f"{prefix}day_photo", DayPhoto.objects.latest("pk"))
    cast.calendar = CalendarAddress.objects.create(member=cast.member.member, made_at=now)
    cast.resident_suggestion = SuggestionFactory(community=cast.community, author=None)
    cast.resident = SimpleNamespace(user=UserFactory())
    cast.elsewhere = AppointmentFactory(organization=CommunityFactory())  # of another city
    last_day = timezone.localdate() + timedelta(days=20)
    cast.matter = AwardMatterFactory(city=cast.city)
    cast.matter_elsewhere = AwardMatterFactory()
    cast.passed_down = TaskFactory(publisher=cast.city, host_by=last_day)
    cast.passed_down_elsewhere = TaskFactory(publisher=cast.elsewhere.organization.parent.parent, host_by=last_day)
    return cast


def browser(world: SimpleNamespace, role: str) -> Client:
    client = Client()
    if role != "nobody":
        client.force_login(getattr(world, role).user)
    return client


def answer(client: Client, name: str, route: Route, args: list) -> Any:
    url = reverse(name, args=args)
    return client.post(url, route.query) if route.post else client.get(url, route.query)


def test_every_route_is_declared():
    names = {pattern.name for pattern in patterns(get_resolver())}
    assert names == set(ROUTES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ROUTES)
def test_who_may_and_who_may_not(world, name, role):
    route = ROUTES[name]
    response = answer(browser(world, role), name, route, route.args(world))
    if role in route.who:
        assert response.status_code in route.ok
        assert "/accounts/login/" not in response.headers.get("Location", "")
    elif role in route.unseen:
        assert response.status_code == 404
    elif role == "nobody":
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))
    else:
        assert response.status_code == 403


@pytest.mark.parametrize(
    ("name", "role"),
    [(name, role) for name, route in ROUTES.items() if route.foreign for role in route.who],
)
def test_what_is_foreign_is_not_found(world, name, role):
    route = ROUTES[name]
    assert route.foreign is not None
    response = answer(browser(world, role), name, route, route.foreign(world))
    sees_it = name not in OTHER_CITY and (role in SEES_ALL or role == "street_officer")
    assert response.status_code in (route.ok if sees_it else (404,))


def test_post_routes_do_nothing_on_get(world):
    for name, route in ROUTES.items():
        if route.post:
            for role in route.who & SIGNED_IN:
                assert browser(world, role).get(reverse(name, args=route.args(world))).status_code == 405, name


@pytest.mark.parametrize("role", [role for role in ROLES if role != "nobody"])
def test_the_admin_is_for_administrators(world, role):
    response = browser(world, role).get(reverse("admin:index"))
    assert response.status_code in (302, 403)


def test_a_new_wish_stays_as_it_was_when_the_wrong_person_posts(world):
    for role in EVERYONE - {"secretary"}:
        browser(world, role).post(reverse("wish_accept", args=[world.wish.pk]))
    world.wish.refresh_from_db()
    assert world.wish.status == Wish.Status.NEW


# --- when a hat ends while a form is open ---------------------------------------------------

# Sent as the person one is. All else is sent in the name of an organization or of the member under a hat.
SENT_WITHOUT_A_HAT = {
    "account_change_password",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_reset_password_from_key",
    "account_signup",
    "check_in_at",
    "demo_login",
    "display",
    "feedback",
    "group_wish",
    "hat",
    "my_help",
    "notice_open",
    "notice_settings",
    "notices_read",
    "suggestion_send",
    "wish_keep",
    "wish_new",
    "wish_outcome",
    "wish_reply",
    "wish_track",
    "wish_forget",
}


def with_an_ended_hat(user: User) -> Client:
    """They wear the one that ended yesterday, and have the same from today: what is sent could be carried out."""
    worn = user.appointments.order_by("pk").first()
    user.appointments.filter(pk=worn.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    AppointmentFactory(user=user, organization=worn.organization, role=worn.role, starts_on=timezone.localdate())
    client = Client()
    client.force_login(user)
    session = client.session
    session["hat"] = f"appointment-{worn.pk}"
    session.save()
    return client


@pytest.mark.parametrize("name", ROUTES)
def test_what_is_sent_under_an_ended_hat_is_taken_where_no_hat_is_needed_and_nowhere_else(world, name):
    route = ROUTES[name]
    user = getattr(world, min(route.who - {"nobody", "resident", "member"}, default="secretary")).user
    worn, bare = with_an_ended_hat(user), Client()
    bare.force_login(user)
    url, sent, before = reverse(name, args=route.args(world)), {"next": "/me/", **route.query}, Record.objects.count()
    response = worn.post(url, sent)
    signed_in = "_auth_user_id" in worn.session
    if name in SENT_WITHOUT_A_HAT:
        same = bare.post(url, sent)
        assert response.status_code == same.status_code
        assert response.headers.get("Location") == same.headers.get("Location")
        assert signed_in == ("_auth_user_id" in bare.session)
    else:
        assert (response.status_code, response.headers["Location"]) == (302, reverse("home"))
        assert Record.objects.count() == before


def test_a_resident_loses_nothing_when_a_hat_ends(world):
    client = with_an_ended_hat(world.secretary.user)
    client.post(reverse("feedback"), {"text": "字太小", "page": "/"})
    assert Feedback.objects.get().text == "字太小"


def test_an_administrator_loses_nothing_when_a_hat_ends(world):
    User.objects.filter(pk=world.secretary.user.pk).update(is_staff=True, is_superuser=True)
    client = with_an_ended_hat(world.secretary.user)
    exemption = reverse("admin:accounts_exemption_change", args=[world.exemption.pk])
    typed = {"member": world.exemption.member_id, "reason": "ILLNESS", "starts_on": "2026-01-01", "ends_on": ""}
    assert client.post(exemption, typed).headers["Location"] != reverse("home")
    world.exemption.refresh_from_db()
    assert world.exemption.reason == "ILLNESS"
