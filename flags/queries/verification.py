"""What anybody who holds a sealed dossier may learn of it: enough to compare with the paper, and not more."""

from dataclasses import dataclass
from datetime import datetime

from flags.models import Dossier
from flags.queries.dossier import words_sealed
from flags.queries.dossier_sheet import hours_of
from vanguard.lib.masking import mask_name


@dataclass(frozen=True)
class Verified:
    """`replaced_at` says since when a newer version is the current one; `name` is masked, and empty once erased."""

    serial: str
    name: str
    year: int
    unit: str
    flags: int
    services: int
    hours: float
    version: int
    sealed_at: datetime
    digest: str
    replaced_at: datetime | None


def verified_as(serial: str) -> Verified | None:
    dossier = Dossier.objects.filter(serial=serial).select_related("words", "member__merged_into").first()
    if dossier is None:
        return None
    person = dossier.member.merged_into or dossier.member
    newest = Dossier.objects.of(person).filter(year=dossier.year).defer("content").first()
    return Verified(
        serial=dossier.serial,
        name=mask_name(words_sealed(dossier).get("name", "")),
        year=dossier.year,
        unit=dossier.content["unit"],
        flags=dossier.flags,
        services=dossier.services,
        hours=hours_of(dossier.content["minutes"]),
        version=dossier.version,
        sealed_at=dossier.sealed_at,
        digest=dossier.short_digest,
        replaced_at=newest.sealed_at if newest and newest.pk != dossier.pk else None,
    )
