from django.urls import path

from flags.views import city, confirm, home, member_merge, report, service, unit, wall, wish_figures

urlpatterns = [
    path("", home.home, name="home"),
    path("flags/", wall.flag_wall, name="flag_wall"),
    path("confirm/", confirm.confirm_list, name="confirm_list"),
    path("confirm/<int:pk>/", confirm.confirm_shift, name="confirm_shift"),
    path("unit/", unit.unit_dashboard, name="unit_dashboard"),
    path("unit/members/<str:number>/", unit.unit_member, name="unit_member"),
    path("units/<str:code>/", unit.unit_of, name="unit_of"),
    path("members/duplicates/", member_merge.member_duplicates, name="member_duplicates"),
    path("members/<str:kept>/merge/<str:other>/", member_merge.member_merge, name="member_merge"),
    path("members/<str:one>/distinct/<str:other>/", member_merge.members_distinct, name="members_distinct"),
    path("city/", city.city_figures, name="city_figures"),
    path("wishes/figures/", wish_figures.wish_figures, name="wish_figures"),
    path("reports/", report.report_list, name="report_list"),
    path("reports/request/", report.report_request, name="report_request"),
    path("reports/runs/<int:pk>/", report.report_run, name="report_run"),
    path("reports/<int:pk>/", report.report, name="report"),
    path("reports/<int:pk>/report.csv", report.report_csv, name="report_csv"),
    path("reports/<int:pk>/report.xlsx", report.report_xlsx, name="report_xlsx"),
    path("dossiers/<str:number>/", wall.flag_wall, name="dossier"),
    path("services/", service.service_figures, name="service_figures"),
    path("services/<str:code>/", service.service_lines, name="service_lines"),
]
