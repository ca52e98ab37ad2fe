from flags.models.award import AwardReason, FlagAward
from flags.models.report import ComplianceReport, ComplianceRow, ReportRun, RowName

__all__ = ["AwardReason", "ComplianceReport", "ComplianceRow", "FlagAward", "ReportRun", "RowName"]
