from flags.models.appeal import Appeal
from flags.models.award import AwardReason, FlagAward
from flags.models.dossier import Dossier, DossierOpinion, DossierWords
from flags.models.late_entry import LateEntry
from flags.models.matter import AwardMatter
from flags.models.report import ComplianceReport, ComplianceRow, CorrectionReason, ReportRun, RowName

__all__ = [
    "Appeal",
    "AwardMatter",
    "AwardReason",
    "ComplianceReport",
    "ComplianceRow",
    "CorrectionReason",
    "Dossier",
    "DossierOpinion",
    "DossierWords",
    "FlagAward",
    "LateEntry",
    "ReportRun",
    "RowName",
]
