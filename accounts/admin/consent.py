from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import Consent


@register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ["user", "version", "given_at"]
    list_filter = ["version"]
    list_select_related = ["user"]
    search_fields = ["user__name", "^user__phone"]
    date_hierarchy = "given_at"
