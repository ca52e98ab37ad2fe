from flags.admin import award, report, year_rule

__all__ = ["award", "report", "year_rule"]
