from django.urls import path

from accounts.views import check_in, check_in_reminder, community, matching, me, member, notice

urlpatterns = [
    path("c/", community.communities, name="communities"),
    path("c/<str:code>/", community.community, name="community"),
    path("c/<str:code>/qr.svg", community.community_qr, name="community_qr"),
    path("c/<str:code>/check-in/", check_in.check_in_at, name="check_in_at"),
    path("check-in/", check_in.check_in, name="check_in"),
    path("check-ins/", check_in.check_in_queue, name="check_in_queue"),
    path("check-ins/<int:pk>/approve/", check_in.check_in_approve, name="check_in_approve"),
    path("check-ins/<int:pk>/return/", check_in.check_in_return, name="check_in_return"),
    path("members/", member.members, name="members"),
    path("members/members.csv", member.members_csv, name="members_csv"),
    path("members/members.xlsx", member.members_xlsx, name="members_xlsx"),
    path("unit/roster/", matching.roster, name="roster"),
    path("unit/roster/remind/", check_in_reminder.roster_remind, name="roster_remind"),
    path("units/<str:code>/roster/", matching.unit_roster, name="unit_roster"),
    path("units/<str:code>/roster/roster.csv", matching.unit_roster_csv, name="unit_roster_csv"),
    path("units/<str:code>/roster/roster.xlsx", matching.unit_roster_xlsx, name="unit_roster_xlsx"),
    path("coverage/", matching.coverage, name="coverage"),
    path("notices/", notice.notices, name="notices"),
    path("notices/read/", notice.notices_read, name="notices_read"),
    path("notices/<int:pk>/", notice.notice_open, name="notice_open"),
    path("me/", me.me, name="me"),
    path("me/hat/", me.hat, name="hat"),
    path("display/", me.display, name="display"),
    path("privacy/", me.privacy, name="privacy"),
    path("feedback/", me.feedback, name="feedback"),
    path("demo/log-in/", me.demo_login, name="demo_login"),
]
