"""The columns of a unit's list, and the many ways in which people head them."""

import re
import unicodedata

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Column(TextChoices):
    """What a column holds; the label is how a sentence calls it."""

    NAME = "name", pgettext_lazy("of a person", "name")
    PHONE = "phone", _("mobile phone")
    UNIT = "unit", _("work unit")
    COMMUNITY = "community", _("community")
    COMPOUND = "compound", _("compound")
    ADDRESS = "address", _("building and room")


NEEDED = (Column.NAME, Column.PHONE)

# As headed, in Chinese and in English; the first of each is what our own template has.
CHINESE = {
    Column.NAME: "姓名 名字 党员姓名",
    Column.PHONE: "手机号 手机 手机号码 电话 电话号码 联系电话 联系方式 联系手机",
    Column.UNIT: "单位 工作单位 所在单位 单位名称",
    Column.COMMUNITY: "社区 居住社区 所在社区 居住地社区 报到社区",
    Column.COMPOUND: "小区 居住小区 所在小区 小区名称",
    Column.ADDRESS: "住址 地址 楼栋房号 居住地址 家庭住址 详细地址 楼栋 房号",
}
ENGLISH = {
    Column.NAME: "Name|Full name",
    Column.PHONE: "Mobile phone|Phone|Mobile|Phone number|Mobile number|Telephone|Tel",
    Column.UNIT: "Work unit|Unit",
    Column.COMMUNITY: "Community",
    Column.COMPOUND: "Compound",
    Column.ADDRESS: "Building and room|Address|Home address|Building|Room",
}
REMARK = re.compile(r"\(.*?\)|[*:]|^\d+[.、]")  # 手机号（必填）, *姓名, 姓名：


def plain_heading(text: str) -> str:
    """A heading without what people put around and between its characters: spaces, width, case, remarks."""
    return "".join(REMARK.sub("", unicodedata.normalize("NFKC", text).casefold()).split())


COLUMN_OF = {
    plain_heading(heading): column
    for headings in (
        {column: words.split() for column, words in CHINESE.items()},
        {column: words.split("|") for column, words in ENGLISH.items()},
    )
    for column, words in headings.items()
    for heading in words
}


def column_headed(text: str) -> Column | None:
    """The column that is headed `text`; None for one that a roster does not keep."""
    return COLUMN_OF.get(plain_heading(text))


def template_headings(language: str | None) -> list[str]:
    """How our own template heads the columns, for a reader of `language`."""
    if language == "en":
        return [words.split("|")[0] for words in ENGLISH.values()]
    return [words.split()[0] for words in CHINESE.values()]
