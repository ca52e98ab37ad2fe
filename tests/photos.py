"""Pictures as phones send them."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PLACED = b"GPS-of-the-kitchen"


def jpeg(colour: str = "red", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small photo with words in its metadata that must not survive."""
    exif = Image.Exif()
    exif[0x010F] = PLACED.decode()
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG", exif=exif)
    return written.getvalue()


def upload(content: bytes | None = None, name: str = "厨房.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg() if content is None else content, content_type="image/jpeg")
