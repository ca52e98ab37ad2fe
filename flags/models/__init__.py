from flags.models.award import AwardReason, FlagAward
from flags.models.dossier import Dossier, DossierOpinion, DossierWords
from flags.models.report import ComplianceReport, ComplianceRow, ReportRun, RowName

__all__ = [
    "AwardReason",
    "ComplianceReport",
    "ComplianceRow",
    "Dossier",
    "DossierOpinion",
    "DossierWords",
    "FlagAward",
    "ReportRun",
    "RowName",
]
