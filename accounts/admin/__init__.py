from accounts.admin import (
    appointment,
    beat,
    check_in,
    consent,
    feedback,
    member,
    notice,
    organization,
    record,
    roster,
    roster_import,
    user,
)

__all__ = [
    "appointment",
    "beat",
    "check_in",
    "consent",
    "feedback",
    "member",
    "notice",
    "organization",
    "record",
    "roster",
    "roster_import",
    "user",
]
