from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin
from accounts.admin.site import register
from accounts.models import Notice


@register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """Shows what was sent to whom and which mails have failed."""

    list_display = ["user", "sentence", "created_at", "read_at", "mail", "mail_tries"]
    list_filter = ["mail", "kind"]
    list_select_related = ["user"]
    search_fields = ["user__name", "^user__phone"]
    fields = ["user", "kind", "sentence", "link", "created_at", "read_at", "mail", "mail_tries", "mail_due_at"]

    @admin.display(description=_("text"))
    def sentence(self, notice: Notice) -> str:
        return notice.text
