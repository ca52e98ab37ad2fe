from flags.admin import appeal, award, dossier, report, year_rule

__all__ = ["appeal", "award", "dossier", "report", "year_rule"]
