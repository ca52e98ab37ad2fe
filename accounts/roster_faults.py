"""What can be wrong with an uploaded roster. A closed list, like the refusals: kept as codes, said when read."""

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.roster_columns import Column
from vanguard.lib.sheet import SheetFault


class RosterFault(TextChoices):
    """What is wrong with the headings or with one line; the sentence says what to do."""

    HEADING_MISSING = (
        "HEADING_MISSING",
        _("Row %(row)s has no column headed %(columns)s. Head it so, as in the template."),
    )
    HEADING_NOT_FIRST = (
        "HEADING_NOT_FIRST",
        _("The headings stand in row %(row)s. Delete the rows above, so that they come first."),
    )
    TWO_HEADINGS = "TWO_HEADINGS", _("Row %(row)s holds headings once more. Leave one row of headings, the first.")
    COLUMN_TWICE = (
        "COLUMN_TWICE",
        _("The columns “%(first)s” and “%(column)s” both hold the %(columns)s. Leave one of them."),
    )
    NO_LINES = "NO_LINES", _("Below the headings there is no line.")
    NOT_CHECKED = (
        "NOT_CHECKED",
        _("The list could not be checked, which is no fault of yours. Upload it again; else tell the administrator."),
    )
    NOT_WRITTEN = (
        "NOT_WRITTEN",
        _("The list could not be imported, and nothing was written. Try again; else tell the administrator."),
    )

    FORMULA = "FORMULA", _("This cell holds a formula. Put the value itself there.")
    BECAME_DATE = "BECAME_DATE", _("This cell has become a date. Format the column as text and type it again.")
    NAME_MISSING = "NAME_MISSING", _("The name is missing.")
    NAME_INVALID = "NAME_INVALID", _("A name is made of letters, forty at most: leave out digits and signs.")
    PHONE_MISSING = "PHONE_MISSING", _("The phone is missing.")
    PHONE_INVALID = "PHONE_INVALID", _("A mobile phone number has eleven digits, like 13800000001.")
    PHONE_LOST_DIGITS = (
        "PHONE_LOST_DIGITS",
        _("The phone has lost digits, as in 1.38E+10. Format the column as text and type the number again."),
    )
    PHONE_TWICE = "PHONE_TWICE", _("Row %(first)s has the same phone. Correct one of the two, or delete one.")
    UNIT_OTHER = "UNIT_OTHER", _("“%(unit)s” is another unit. This list is for %(own)s alone.")
    UNIT_ELSEWHERE = "UNIT_ELSEWHERE", _("“%(unit)s” is a unit of another city. This list is for %(own)s alone.")
    UNIT_UNKNOWN = "UNIT_UNKNOWN", _("No unit is called “%(unit)s”. Write %(own)s, or leave the cell empty.")
    COMMUNITY_UNKNOWN = (
        "COMMUNITY_UNKNOWN",
        _("No community of this city is called “%(community)s”. Write its name or six-digit code, or leave it empty."),
    )
    COMMUNITY_ELSEWHERE = (
        "COMMUNITY_ELSEWHERE",
        _("“%(community)s” is a community of another city. Name one of this city, or leave the cell empty."),
    )
    COMMUNITY_CLOSED = (
        "COMMUNITY_CLOSED",
        _("%(community)s is closed. Name the community that they live in now, or leave the cell empty."),
    )
    COMMUNITY_MERGED = "COMMUNITY_MERGED", _("%(community)s is now part of %(new)s. Write that.")
    COMMUNITY_TWO = (
        "COMMUNITY_TWO",
        _("More than one community is called “%(community)s”. Write its six-digit code instead."),
    )
    COMPOUND_UNKNOWN = "COMPOUND_UNKNOWN", _("%(community)s has no such compound. It has: %(compounds)s.")
    COMPOUND_NONE = "COMPOUND_NONE", _("%(community)s has no compounds here. Leave the cell empty.")
    COMPOUND_ALONE = "COMPOUND_ALONE", _("Say in which community this compound is.")
    ADDRESS_TOO_LONG = "ADDRESS_TOO_LONG", _("Building and room take %(limit)s characters at most. Shorten it.")


def sentence_of(fault: dict[str, Any]) -> str:
    """The sentence of a fault as it is stored, in the reader's language."""
    code, details = fault["code"], dict(fault["details"])
    reason = SheetFault(code) if code in SheetFault.values else RosterFault(code)
    if "columns" in details:
        details["columns"] = ", ".join(f"“{Column(column).label}”" for column in details["columns"])
    return str(reason.label) % {"row": fault["row"], "column": fault["column"], **details}
