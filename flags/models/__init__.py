from flags.models.award import AwardReason, FlagAward
from flags.models.report import ComplianceReport, ComplianceRow, CorrectionReason, ReportRun, RowName

__all__ = ["AwardReason", "ComplianceReport", "ComplianceRow", "CorrectionReason", "FlagAward", "ReportRun", "RowName"]
