"""The administrator's pages of flags and reports: to be read, like the ledger itself."""

from datetime import date

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import Member
from flags.models import (
    Appeal,
    AwardMatter,
    AwardReason,
    ComplianceReport,
    ComplianceRow,
    CorrectionReason,
    Dossier,
    DossierOpinion,
    DossierWords,
    FlagAward,
    LateEntry,
    ReportRun,
    RowName,
)
from tests.administration import address, assert_list_costs_the_same, assert_read_only, assert_row_answers
from tests.factories import (
    AppealFactory,
    AwardMatterFactory,
    ClaimFactory,
    CommunityFactory,
    ComplianceRowFactory,
    DossierFactory,
    DossierOpinionFactory,
    LateEntryFactory,
    MemberFactory,
    UnitFactory,
    UserFactory,
)


def a_member() -> Member:
    community = CommunityFactory()
    return MemberFactory(community=community, unit=UnitFactory(parent=community.parent.parent))


def an_award() -> FlagAward:
    member = a_member()
    return FlagAward.objects.create(
        member=member,
        value=1,
        category="COMMUNITY_ACTIVITY",
        served_on=date(2026, 3, 1),
        year=2026,
        unit=member.unit_memberships.get().unit,
        community=member.home,
        claim=ClaimFactory(member=member),
        by_user=UserFactory(),
    )


def a_report() -> ComplianceReport:
    return ComplianceReport.objects.create(
        unit=UnitFactory(), year=2026, as_of=date(2026, 12, 31), built_at=timezone.now()
    )


def a_row() -> ComplianceRow:
    return ComplianceRowFactory(report=a_report(), member=a_member())


ROWS = {
    Appeal: AppealFactory,
    AwardMatter: AwardMatterFactory,
    AwardReason: lambda: AwardReason.objects.create(award=an_award(), text="业委会工作"),
    ComplianceReport: a_report,
    ComplianceRow: a_row,
    CorrectionReason: lambda: CorrectionReason.objects.create(report=a_report(), text="补记一次服务"),
    Dossier: DossierFactory,
    DossierOpinion: DossierOpinionFactory,
    DossierWords: lambda: DossierWords.objects.create(dossier=DossierFactory(), name="张明"),
    FlagAward: an_award,
    LateEntry: LateEntryFactory,
    ReportRun: lambda: ReportRun.objects.create(scope=UnitFactory(), year=2026, requested_by=UserFactory()),
    RowName: lambda: RowName.objects.create(row=a_row(), text="张明"),
}


def named(model):
    return model.__name__


def test_the_table_of_rows_is_complete():
    assert set(ROWS) == set(apps.get_app_config("flags").get_models())


@pytest.mark.once
@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(model, admin_client):
    assert_list_costs_the_same(admin_client, model, ROWS[model])


@pytest.mark.parametrize("model", ROWS, ids=named)
def test_a_row_has_a_page_and_a_history(model, admin_client):
    assert_row_answers(admin_client, ROWS[model]())


@pytest.mark.parametrize("model", set(ROWS) - {AwardMatter}, ids=named)
def test_nothing_of_it_is_written_here(model, admin_client):
    assert_read_only(admin_client, ROWS[model]())


def test_the_ledger_is_searched_by_member_place_and_unit(admin_client):
    award = an_award()
    an_award()
    for term in (award.member.user.name, award.member.number, award.community.name, award.unit.name):
        found = admin_client.get(address(FlagAward), {"q": term}).context["cl"].result_list
        assert award in found
        assert len(found) == 1


def test_the_reason_stands_with_its_award(admin_client):
    reason = ROWS[AwardReason]()
    assert "业委会工作" in admin_client.get(address(FlagAward, "change", reason.award_id)).content.decode()


def test_a_report_leads_to_its_lines(admin_client):
    row = a_row()
    a_row()
    link = f"{address(ComplianceRow)}?report__id__exact={row.report_id}"
    assert link in admin_client.get(address(ComplianceReport)).content.decode()
    assert list(admin_client.get(link).context["cl"].result_list) == [row]
