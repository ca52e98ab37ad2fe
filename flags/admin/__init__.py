from flags.admin import award, dossier, report

__all__ = ["award", "dossier", "report"]
