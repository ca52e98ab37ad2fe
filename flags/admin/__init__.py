from flags.admin import award, report

__all__ = ["award", "report"]
