from flags.admin import appeal, award, report

__all__ = ["appeal", "award", "report"]
