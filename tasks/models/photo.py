from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def unguessable_name(photo: "KeptPhoto", name: str) -> str:
    """Nothing of the file's own name is kept."""
    key = uuid4().hex
    return f"{photo.FOLDER}/{key[:2]}/{key}.jpg"


class KeptPhoto(models.Model):
    """A picture that somebody sent, never public (domain rule 10); each kind has a view of its own, the only way to it.

    One that came with a form that was refused waits under the form's own number until that is sent again.
    """

    FOLDER: str

    form = models.UUIDField(_("form"), null=True, db_index=True, editable=False)
    file = models.FileField(_("file"), upload_to=unguessable_name)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["pk"]

    @classmethod
    def at_most(cls) -> int:
        """How many one owner may have."""
        return settings.WISH_PHOTOS_AT_MOST
