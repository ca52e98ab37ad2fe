from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from flags.models import Dossier, DossierOpinion, DossierWords


@register(Dossier)
class DossierAdmin(ReadOnlyAdmin):
    """What was sealed, with the number under which anybody can look it up."""

    list_display = ["serial", "member", "year", "version", "flags", "services", "sealed_at", "by_user"]
    list_filter = ["year"]
    list_select_related = ["member__user", "by_user"]
    search_fields = ["^serial", "member__user__name", "^member__number"]
    date_hierarchy = "sealed_at"


@register(DossierWords)
class DossierWordsAdmin(ReadOnlyAdmin):
    list_display = ["name", "dossier"]
    list_select_related = ["dossier"]
    search_fields = ["name", "^dossier__serial"]


@register(DossierOpinion)
class DossierOpinionAdmin(ReadOnlyAdmin):
    list_display = ["member", "year", "organization", "version", "status", "written_at", "by_user"]
    list_filter = ["status", "year", "kind"]
    list_select_related = ["member__user", "organization", "by_user"]
    search_fields = ["member__user__name", "^member__number", "organization__name"]
    date_hierarchy = "written_at"
