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
    "user",
]
