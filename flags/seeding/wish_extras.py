"""What hangs on wishes: words that the city's communities often use, and photos that residents sent."""

import io

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from accounts.models import Organization
from tasks.models import AnswerTemplate, Wish, WishPhoto

ASK_BACK, DECLINE = AnswerTemplate.Purpose.ASK_BACK, AnswerTemplate.Purpose.DECLINE
WORDS = (
    (ASK_BACK, "已收到。方便说一下哪几天、什么时间段在家吗？"),
    (ASK_BACK, "请补充一下具体位置（哪个小区、几幢），我们好安排人上门看看。"),
    (DECLINE, "这件事需要专业资质，已转请物业处理，社区会跟进。"),
    (DECLINE, "这件事不在志愿服务范围内，请拨打 12345，我们也可以帮您登记。"),
)
SIZE, SKY, POST, LAMP, GROUND = (960, 720), "#1d2733", "#5d6670", "#2f3a45", "#2a2622"


def add_answer_templates(city: Organization) -> None:
    AnswerTemplate.objects.bulk_create(
        AnswerTemplate(organization=city, purpose=purpose, text=text) for purpose, text in WORDS
    )


def add_photos(community: Organization) -> None:
    """The dark lamp, as two neighbours saw it."""
    dark = Wish.objects.filter(community=community, category=Wish.Category.PUBLIC, status=Wish.Status.NEW)
    for wish in dark.filter(text__contains="路灯"):
        WishPhoto.objects.create(wish=wish, file=ContentFile(_dark_lamp(), "lamp.jpg"))


def _dark_lamp() -> bytes:
    picture = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 600, 960, 720), fill=GROUND)
    draw.rectangle((470, 160, 490, 620), fill=POST)
    draw.polygon(((420, 160), (540, 160), (510, 110), (450, 110)), fill=LAMP)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue()
