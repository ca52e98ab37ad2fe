from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.appointment import Appointment


class Record(models.Model):
    """Who changed what, when, acting as whom. Append-only; the free-text reason stands in a row of its own."""

    subject_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("kind"))
    subject_id = models.BigIntegerField(_("number"))
    subject = GenericForeignKey("subject_type", "subject_id")
    verb = models.CharField(_("what"), max_length=20)
    old_status = models.CharField(_("from"), max_length=12, blank=True)
    new_status = models.CharField(_("to"), max_length=12, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="records", verbose_name=_("who")
    )
    appointment = models.ForeignKey(
        Appointment, models.PROTECT, null=True, related_name="records", verbose_name=_("acting as")
    )
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="record_subject")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type_id}/{self.subject_id}"


class RecordReason(models.Model):
    """The words that go with a record; erasable, because they may name a person."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="reason")
    text = models.CharField(_("reason"), max_length=500)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")

    def __str__(self) -> str:
        return self.text
