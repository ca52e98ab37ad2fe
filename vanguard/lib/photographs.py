"""Photos from strangers: nothing of the file survives but the picture, redrawn as a JPEG of bounded size."""

import io
import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_BYTES_KEPT = MEGABYTE
MILLION = 1_000_000
MOST_PIXELS = 50 * MILLION
MOST_DECODED = 20 * MILLION  # what a process has memory for; a JPEG can be decoded smaller than it is
FORMATS = ("JPEG", "PNG", "WEBP")
BEGINNING = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP", re.DOTALL)
LONGEST_SIDE = 1600
STEPS = ((LONGEST_SIDE, 82), (LONGEST_SIDE, 70), (1280, 70), (960, 60), (640, 40))  # longest side, quality
APPLE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
LONGEST_NAME = 40


class PhotoFault(TextChoices):
    """Why a file is not taken as a photo; the sentence says what to do."""

    TOO_BIG = "TOO_BIG", _("A photo may have at most %(limit)s MB. Take a screenshot of it and send that.")
    TOO_MANY_PIXELS = (
        "TOO_MANY_PIXELS",
        _("The photo has more than %(limit)s million pixels. Take a screenshot of it and send that."),
    )
    EMPTY = "EMPTY", _("The file is empty. Choose the photo again, or take a new one.")
    HEIC = (
        "HEIC",
        _(
            "The photo is in the HEIC format, which not everybody can open. Take a screenshot of it and send that, "
            "or set the camera to “Most Compatible” and take it again."
        ),
    )
    NOT_A_PHOTO = (
        "NOT_A_PHOTO",
        _("This is no photo in JPEG, PNG or WebP, whatever its name says. Take a screenshot of it and send that."),
    )
    BROKEN = (
        "BROKEN",
        _("The photo cannot be opened; it may not have arrived whole. Choose it again, or take a new one."),
    )


def clean_photo(file: File) -> bytes:
    """A JPEG of at most 1600 pixels a side and 1 MB, upright, on white, with no word of what else was in the file.

    What the file calls itself decides nothing. An animation gives its first frame.
    """
    if file.size > MOST_BYTES:  # before a byte of it is read
        raise refusal(PhotoFault.TOO_BIG, limit=MOST_BYTES // MEGABYTE)
    file.seek(0)
    content = file.read()
    if not content:
        raise refusal(PhotoFault.EMPTY)
    if is_heic(content):
        raise refusal(PhotoFault.HEIC)
    return as_jpeg(redrawn(content))


def refusal(fault: PhotoFault, **details: Any) -> ValidationError:
    return ValidationError(fault.label, code=fault.value, params=details)


def is_heic(content: bytes) -> bool:
    """An ISO media file says at its beginning which brands can read it."""
    if content[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(content[:4]), 256)
    brands = {content[8:12]} | {content[at : at + 4] for at in range(16, length, 4)}
    return bool(brands & APPLE_BRANDS) and not brands & {b"avif", b"avis"}


def redrawn(content: bytes) -> Image.Image:
    """The picture alone, on a new canvas: what the decoder has gathered beside it stays behind."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint turns it on for everybody as soon as it is imported
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _refuse_more_than(MOST_PIXELS, image)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            _refuse_more_than(MOST_DECODED, image)
            return on_white(upright(shrunk(image)))
    except ValidationError:
        raise
    except UnidentifiedImageError:
        raise refusal(PhotoFault.BROKEN if BEGINNING.match(content) else PhotoFault.NOT_A_PHOTO) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(MOST_PIXELS) from None
    except Exception:  # a damaged picture makes a decoder raise whatever its line of code happens to raise
        raise refusal(PhotoFault.BROKEN) from None


def _refuse_more_than(most: int, image: Image.Image) -> None:
    if image.width * image.height > most:
        raise _too_many(most)


def _too_many(most: int) -> ValidationError:
    return refusal(PhotoFault.TOO_MANY_PIXELS, limit=most // MILLION)


def shrunk(image: Image.Image) -> Image.Image:
    """Small first, so that all that follows is cheap; not even a copy is made of what is large."""
    image.load()
    small: Image.Image = image
    if image.mode.startswith("I;16"):  # a scan of sixteen bits: turned into RGB as it is, all of it would be white
        small = image.point(lambda value: value / 256).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = small if small.mode == mode else small.convert(mode)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return small


def upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held; where EXIF makes no sense, the picture still does."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # whatever bytes a stranger may have put there
        return image


def on_white(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return canvas


def as_jpeg(image: Image.Image) -> bytes:
    """The first of the steps, each smaller than the one before, that is small enough."""
    for side, quality in STEPS:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        written = io.BytesIO()
        image.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= MOST_BYTES_KEPT:
            break
    return written.getvalue()


class PhotosInput(forms.FileInput):
    """Takes several files. Without `capture`, so that a phone offers its album as well as its camera.

    HEIC is not among what is accepted: an iPhone then hands over a JPEG by itself.
    """

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Some photos; the clean value is a list of JPEGs as bytes, empty where there are none."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        kwargs.setdefault("label", _("Photos"))
        kwargs.setdefault("widget", PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"}))
        super().__init__(**kwargs)

    def clean(self, value: Any, initial: Any = None) -> list[bytes]:
        files = value if isinstance(value, list | tuple) else [value] if value else []
        if self.required and not files:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:  # before any of them is opened
            raise ValidationError(_("Send at most %(most)s photos."), code="TOO_MANY", params={"most": self.most})
        return clean_photos(files)


def clean_photos(files: Iterable[File]) -> list[bytes]:
    """All of them, or a refusal with a sentence for each that cannot be taken, which names it."""
    photos, faults = [], []
    for file in files:
        try:
            photos.append(clean_photo(file))
        except ValidationError as fault:
            named = {"name": short_name(file), "fault": fault.messages[0]}
            faults.append(ValidationError(_("“%(name)s”: %(fault)s"), code=fault.code, params=named))
    if faults:
        raise ValidationError(faults)
    return photos


def short_name(file: File) -> str:
    """As much of the name as tells files apart, without signs that turn what follows around."""
    name = "".join(sign for sign in file.name or "" if sign.isprintable())
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
