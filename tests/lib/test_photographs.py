"""Photos that residents send: only the picture is kept, and what is no picture is refused in plain words."""

import io
import zipfile
import zlib

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from PIL import Image, ImageFile, PngImagePlugin

from vanguard.lib import photographs
from vanguard.lib.photographs import MOST_BYTES, MOST_BYTES_KEPT, PhotoFault, PhotosField, clean_photo

MARKER = b"PLANTED-MARKER"
ORIENTATION, GPS, MAKER = 0x0112, 0x8825, 0x010F
RED, GREEN, WHITE = (220, 20, 20), (20, 160, 20), (255, 255, 255)
CHUNK_TYPES = (b"IHDR", b"IDAT")


def half_and_half(size=(400, 200), mode="RGB"):
    """Red on the left, green on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def saved(image, kind="JPEG", **kwargs):
    written = io.BytesIO()
    image.save(written, kind, **kwargs)
    return written.getvalue()


def upload(content, name="photo.jpg"):
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def cleaned(content):
    """The picture that comes out, after a look at what may not come with it."""
    jpeg = clean_photo(upload(content))
    assert len(jpeg) <= MOST_BYTES_KEPT
    assert MARKER not in jpeg
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert max(image.size) <= 1600
    assert not dict(image.getexif())
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert [kind for kind, _ in image.applist] == ["APP0"]
    assert jpeg.endswith(b"\xff\xd9")
    return image


def fault(content):
    with pytest.raises(ValidationError) as refused:
        clean_photo(upload(content))
    return refused.value.code


def near(pixel, colour):
    return all(abs(one - other) < 40 for one, other in zip(pixel, colour, strict=True))


def with_everything():
    """EXIF with a place and a maker, as a camera writes it."""
    exif = Image.Exif()
    exif[MAKER] = MARKER.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (30.0, 15.0, 30.0), 3: "E", 4: (120.0, 9.0, 0.0)})
    return exif


def chunk(kind, content):
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def ftyp(*brands):
    content = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])
    return (len(content) + 4).to_bytes(4) + content + b"\0" * 100


# --- what is taken ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_phones_make_is_taken(kind):
    image = cleaned(saved(half_and_half(), kind))
    assert image.size == (400, 200)
    assert near(image.getpixel((50, 100)), RED)
    assert near(image.getpixel((350, 100)), GREEN)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_where_and_with_what_it_was_taken_is_forgotten(kind):
    content = saved(half_and_half(), kind, exif=with_everything(), icc_profile=MARKER, xmp=MARKER)
    assert MARKER in content
    cleaned(content)


def test_comments_and_texts_are_forgotten():
    cleaned(saved(half_and_half(), comment=MARKER))
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", MARKER.decode())
    texts.add_itxt("Description", MARKER.decode())
    cleaned(saved(half_and_half(), "PNG", pnginfo=texts))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("turn", "left_is_at"), [(3, (350, 100)), (6, (100, 50)), (8, (100, 350))])
def test_it_stands_upright(kind, turn, left_is_at):
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    image = cleaned(saved(half_and_half(), kind, exif=exif))
    assert image.size == ((400, 200) if turn == 3 else (200, 400))
    assert near(image.getpixel(left_is_at), RED)


def test_exif_without_sense_does_not_spoil_the_picture():
    cleaned(saved(half_and_half(), exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + MARKER))


def test_what_is_transparent_becomes_white():
    image = half_and_half(mode="RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert near(cleaned(saved(image, "PNG")).getpixel((10, 10)), WHITE)
    assert near(cleaned(saved(image, "WEBP", lossless=True, exact=True)).getpixel((10, 10)), WHITE)
    palette = Image.new("P", (20, 20), 0)
    assert near(cleaned(saved(palette, "PNG", transparency=0)).getpixel((10, 10)), WHITE)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "P"), ("PNG", "LA")])
def test_other_kinds_of_colour_are_taken(kind, mode):
    assert cleaned(saved(half_and_half(mode=mode), kind)).size == (400, 200)


def test_a_scan_of_sixteen_bits_is_not_all_white():
    assert near(cleaned(saved(Image.new("I;16", (20, 20), 128 * 256), "PNG")).getpixel((5, 5)), (128, 128, 128))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_kept(kind):
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, GREEN, WHITE)]
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert near(cleaned(content).getpixel((20, 20)), RED)


def test_of_two_pictures_in_one_the_first_is_kept():
    content = saved(half_and_half(), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 40))])
    assert cleaned(content).size == (400, 200)


def test_a_large_one_is_made_smaller_and_a_small_one_is_left():
    assert cleaned(saved(half_and_half((4000, 1000)))).size == (1600, 400)
    assert cleaned(saved(half_and_half((900, 3200)), "PNG")).size == (450, 1600)
    assert cleaned(saved(half_and_half((3, 2)), "PNG")).size == (3, 2)
    assert cleaned(saved(Image.new("L", (1, 20_000)), "PNG")).size == (1, 1600)


def test_even_noise_becomes_small_enough():
    noise = Image.effect_noise((1600, 1600), 255)
    content = saved(Image.merge("RGB", [noise, noise.transpose(Image.Transpose.ROTATE_90), noise]), quality=95)
    assert len(content) > 2 * MOST_BYTES_KEPT
    assert max(cleaned(content).size) >= 640


# --- what is more than a picture -------------------------------------------------------------


def archive():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        file.writestr("evil.txt", MARKER)
    return written.getvalue()


@pytest.mark.parametrize(
    "appended",
    [archive(), b"<?php echo '" + MARKER + b"'; ?>", b"<html><script>" + MARKER + b"</script></html>"],
    ids=["zip", "php", "html"],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_hangs_behind_the_picture_is_lost(kind, appended):
    content = saved(half_and_half(), kind) + appended
    assert MARKER in content
    cleaned(content)


def test_a_script_in_a_comment_is_lost():
    cleaned(saved(half_and_half(), comment=b"<?php system('" + MARKER + b"'); ?>"))


@pytest.mark.parametrize("name", ["evil.php", "photo.svg", "照片.exe", "a.html", ""])
def test_what_the_file_calls_itself_decides_nothing(name):
    file = upload(saved(half_and_half(), "PNG"), name or "x")
    file.content_type = "text/html"
    assert clean_photo(file).startswith(b"\xff\xd8\xff")


# --- what is refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><!DOCTYPE svg><svg/>',
        b"%PDF-1.7\n",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a/*\x01\x00*/=1;alert(1);",
        saved(half_and_half(), "GIF"),
        saved(half_and_half(), "TIFF"),
        saved(half_and_half(), "BMP"),
        saved(half_and_half(), "JPEG2000"),
        saved(half_and_half(), "AVIF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"RIFF\x10\0\0\0WAVEfmt ",
        ftyp(b"isom", b"mp42"),
        archive(),
        b"\0",
        b"x" * 5000,
    ],
    ids=str.split("svg xml pdf html gif-js gif tiff bmp jp2 avif eps wav video zip nul text"),
)
def test_what_is_no_photo_is_refused(content):
    assert fault(content) == PhotoFault.NOT_A_PHOTO


@pytest.mark.parametrize("brands", [(b"heic",), (b"mif1", b"heic"), (b"heix", b"mif1"), (b"msf1", b"hevc"), (b"mif1",)])
def test_heic_is_told_apart(brands):
    assert fault(ftyp(*brands)) == PhotoFault.HEIC


def test_nothing_is_refused():
    assert fault(b"") == PhotoFault.EMPTY


def test_what_another_library_has_set_for_all_of_pillow_lets_nothing_broken_through(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = saved(Image.effect_noise((300, 300), 90))
    assert fault(whole[: len(whole) // 2]) == PhotoFault.BROKEN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_file_that_breaks_off_is_refused(kind, share):
    content = saved(Image.effect_noise((300, 300), 90), kind)
    assert fault(content[: int(len(content) * share)]) == PhotoFault.BROKEN


def test_damage_in_the_middle_is_refused():
    content = bytearray(saved(Image.effect_noise((300, 300), 90), "PNG"))
    content[len(content) // 2] ^= 0xFF
    assert fault(bytes(content)) == PhotoFault.BROKEN


def bomb(width, height):
    """A PNG that says how large it is and has nothing to show for it."""
    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\0\0\0"
    parts = zip(CHUNK_TYPES, (header, zlib.compress(b"\0" * 1000)), strict=True)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(4500, 4500), (7100, 7100), (10_000, 10_000), (20_000, 20_000), (2_000_000_000, 2)])
def test_a_bomb_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(photographs, "shrunk", lambda image: pytest.fail("it was decoded"))
    assert fault(bomb(*size)) == PhotoFault.TOO_MANY_PIXELS


def test_texts_that_unpack_without_end_are_refused():
    content = saved(half_and_half(), "PNG")
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 20_000_000))
    assert fault(content[:33] + text + content[33:]) == PhotoFault.BROKEN


def test_a_jpeg_may_have_more_pixels_because_it_is_decoded_smaller():
    assert cleaned(saved(Image.new("L", (6000, 4000)))).size == (1600, 1067)
    assert fault(saved(Image.new("L", (40_000, 600)))) == PhotoFault.TOO_MANY_PIXELS  # nothing smaller to be had


class Unreadable:
    """A file that must not be read."""

    name, size = "photo.jpg", MOST_BYTES + 1

    def read(self, *args):
        pytest.fail("it was read")

    seek = read


def test_too_large_a_file_is_refused_by_its_size():
    with pytest.raises(ValidationError) as refused:
        clean_photo(Unreadable())
    assert refused.value.code == PhotoFault.TOO_BIG
    with translation.override("en"):
        assert "10 MB" in refused.value.messages[0]


def test_ten_megabytes_are_taken():
    content = saved(half_and_half())
    assert clean_photo(upload(content + b"\0" * (MOST_BYTES - len(content))))
    assert fault(content + b"\0" * (MOST_BYTES + 1 - len(content))) == PhotoFault.TOO_BIG


# --- the field -------------------------------------------------------------------------------


class PhotosForm(forms.Form):
    photos = PhotosField(most=3, required=False)


def form_with(*files):
    return PhotosForm({}, MultiValueDict({"photos": list(files)} if files else {}))


def good(name="a.jpg"):
    return upload(saved(half_and_half()), name)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_field_gives_the_photos_as_jpegs(count):
    form = form_with(*(good(f"{number}.png") for number in range(count)))
    assert form.is_valid()
    assert [photo[:3] for photo in form.cleaned_data["photos"]] == [b"\xff\xd8\xff"] * count


def test_more_than_it_takes_are_refused_before_any_is_opened(monkeypatch):
    monkeypatch.setattr(photographs, "clean_photo", lambda file: pytest.fail("it was opened"))
    form = form_with(*(good() for _ in range(4)))
    with translation.override("en"):
        assert form.errors["photos"] == ["Send at most 3 photos."]


def test_it_asks_only_where_it_is_required():
    with pytest.raises(ValidationError):
        PhotosField(most=3).clean([])
    assert PhotosField(most=3, required=False).clean(None) == []


def test_each_that_cannot_be_taken_is_named():
    form = form_with(upload(b"", "空.jpg"), good(), upload(b"<svg/>", "图.svg"))
    faults = form.errors.as_data()["photos"]
    assert [fault.code for fault in faults] == [PhotoFault.EMPTY, PhotoFault.NOT_A_PHOTO]
    assert ["空.jpg" in form.errors["photos"][0], "图.svg" in form.errors["photos"][1]] == [True, True]


def test_the_name_of_a_file_is_shortened_and_does_no_harm():
    form = form_with(upload(b"x", "<b>\u202e" + "长" * 90 + ".jpg"))
    assert not form.is_valid()
    page = form.as_p()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert "长" * 36 + "…" in page
    assert "长" * 37 not in page


def test_a_phone_may_choose_from_the_album():
    page = str(form_with()["photos"])
    assert 'type="file"' in page
    assert "multiple" in page
    assert 'accept="image/jpeg,image/png,image/webp"' in page
    assert "capture" not in page
