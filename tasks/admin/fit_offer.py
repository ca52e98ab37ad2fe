from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from tasks.models import FitOffer


@register(FitOffer)
class FitOfferAdmin(ReadOnlyAdmin):
    """Who was told of what, and when; not why it fits."""

    list_display = ["member", "shift", "told_at"]
    list_select_related = ["member__user", "shift__task"]
    search_fields = ["member__user__name", "^member__number", "shift__task__title"]
    date_hierarchy = "told_at"
