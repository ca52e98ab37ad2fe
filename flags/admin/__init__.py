from flags.admin import appeal, award, report, year_rule

__all__ = ["appeal", "award", "report", "year_rule"]
