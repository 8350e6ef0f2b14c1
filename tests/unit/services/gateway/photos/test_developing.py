"""Photos made anew: upright, small, in sRGB, and nothing of the old file in them."""

import io
import random

import pytest
from PIL import Image, ImageCms, ImageOps

from services.gateway.photos.developing import (
    CAME,
    LONGEST_EDGE,
    LONGEST_THUMBNAIL_EDGE,
    PHOTO,
    THUMBNAIL,
    Limits,
    Unusable,
    develop,
)

from .pictures import (
    FORMATS,
    HEIC,
    JPEG,
    PNG,
    POLYGLOTS,
    SECRET,
    WEBP,
    broken_exif,
    corners,
    encoded,
    endless_rows,
    exif_of,
    film,
    hundred_megapixels,
    noise,
    png,
    profile_bomb,
    telling_photo,
    text_bomb,
)

LIMITS = Limits(pixels=4_000_000)


@pytest.fixture
def developed(tmp_path):
    """What is said of some bytes, and the two photos that were made of them."""

    def developed(data, kind=JPEG, limits=LIMITS):
        (tmp_path / CAME).write_bytes(data)
        said = develop(tmp_path, kind, limits)
        return said, (tmp_path / PHOTO).read_bytes(), (tmp_path / THUMBNAIL).read_bytes()

    return developed


@pytest.fixture
def refused(developed):
    """Why some bytes are not taken."""

    def refused(data, kind=JPEG, limits=LIMITS):
        with pytest.raises(Unusable) as refusal:
            developed(data, kind, limits)
        return str(refusal.value)

    return refused


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def differ(one, other):
    """The largest difference of two pictures in any channel, in the middle of the four fields:
    between them JPEG blurs."""
    assert one.size == other.size
    width, height = one.size
    middles = [(x * width // 4, y * height // 4) for x in (1, 3) for y in (1, 3)]
    pairs = [(one.getpixel(spot), other.getpixel(spot)) for spot in middles]
    return max(abs(a - b) for pair in pairs for a, b in zip(*pair, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_photo_of_every_kind_becomes_a_jpeg(developed, kind):
    said, photo, thumbnail = developed(encoded(corners(), kind), kind)
    assert (said["width"], said["height"]) == (64, 48)
    assert (said["bytes"], said["thumbnail_bytes"]) == (len(photo), len(thumbnail))
    for each in (photo, thumbnail):
        assert opened(each).format == "JPEG"
        assert differ(opened(each), corners()) < 12
    assert len(said["hash"]) == 16
    int(said["hash"], 16)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", [JPEG, PNG, WEBP])
def test_a_photo_is_turned_as_its_camera_was_held(developed, orientation, kind):
    exif = exif_of(orientation=orientation)
    _, photo, thumbnail = developed(encoded(corners(), kind, exif=exif.tobytes()), kind)
    upright = ImageOps.exif_transpose(_with(corners(), exif))
    for each in (photo, thumbnail):
        assert differ(opened(each), upright) < 12
        assert not opened(each).getexif()


def _with(image, exif):
    image.info["exif"] = exif.tobytes()
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_once(developed, orientation):
    exif = exif_of(orientation=orientation)
    data = encoded(corners(128, 96), HEIC, exif=exif.tobytes(), quality=100)
    _, photo, _ = developed(data, HEIC)
    assert differ(opened(photo), ImageOps.exif_transpose(_with(corners(128, 96), exif))) < 16


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none_turns_nothing(developed, orientation):
    data = encoded(corners(), exif=exif_of(orientation=orientation).tobytes())
    assert differ(opened(developed(data)[1]), corners()) < 12


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_of_the_old_file_is_in_the_new_ones(developed, kind):
    data = telling_photo(kind)
    assert SECRET.encode() in data
    said, *made = developed(data, kind)
    assert said["location"] == [117.9, 33.5]
    for each in made:
        assert SECRET.encode() not in each
        assert b"Exif" not in each and b"ICC_PROFILE" not in each and b"http" not in each
        assert set(opened(each).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", POLYGLOTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_put_behind_a_photo_is_dropped(developed, name, kind):
    said, photo, thumbnail = developed(encoded(corners(), kind) + POLYGLOTS[name], kind)
    assert (said["width"], said["height"]) == (64, 48)
    assert SECRET.encode() not in photo + thumbnail


def test_a_large_photo_is_made_smaller_and_a_small_one_not_larger(developed):
    said, photo, thumbnail = developed(encoded(corners(3000, 1000)))
    assert opened(photo).size == (said["width"], said["height"])
    assert max(opened(photo).size) == LONGEST_EDGE
    assert max(opened(thumbnail).size) == LONGEST_THUMBNAIL_EDGE
    said, _, thumbnail = developed(encoded(corners(10, 6)))
    assert (said["width"], said["height"]) == opened(thumbnail).size == (10, 6)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_of_every_mode_keeps_its_brightness(developed, mode):
    grey = 32768 if mode == "I;16" else 255 if mode == "1" else 128
    colour = {"LA": (grey, 255), "RGB": (grey,) * 3, "RGBA": (grey, grey, grey, 255)}
    image = Image.new(mode if mode != "P" else "L", (16, 16), colour.get(mode, grey))
    _, photo, _ = developed(encoded(image.convert("P") if mode == "P" else image, PNG), PNG)
    (low, high), *_ = opened(photo).getextrema()
    assert low == pytest.approx(min(grey, 255) if mode != "I;16" else 128, abs=2)
    assert high - low <= 2


def test_what_is_clear_is_on_white(developed):
    _, photo, _ = developed(encoded(Image.new("RGBA", (16, 16), (200, 0, 0, 0)), PNG), PNG)
    assert opened(photo).getpixel((8, 8)) == (255, 255, 255)


def test_a_cmyk_photo_is_seen_as_it_was_meant(developed):
    _, photo, _ = developed(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0))))
    red, green, blue = opened(photo).getpixel((8, 8))
    assert red > 200 and green < 60 and blue < 60


def test_a_colour_profile_is_applied(developed):
    """A profile in which red and green are one another's: what comes out has them back."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"...."), (b"gXYZ", b"rXYZ"), (b"....", b"gXYZ")):
        profile = profile.replace(old, new)
    _, photo, _ = developed(encoded(Image.new("RGB", (16, 16), (250, 5, 5)), icc_profile=profile))
    red, green, _ = opened(photo).getpixel((8, 8))
    assert green > 200 and red < 60


def test_a_broken_colour_profile_is_none(developed):
    data = encoded(corners(), icc_profile=b"not a profile" * 40)
    assert differ(opened(developed(data)[1]), corners()) < 12


def test_broken_exif_harms_nothing(developed):
    said, photo, _ = developed(broken_exif())
    assert (said["taken_at"], said["location"]) == (None, None)
    assert differ(opened(photo), corners()) < 12


def test_pixels_are_counted_before_they_are_decoded(refused):
    assert "10000 × 10000" in refused(hundred_megapixels(), PNG, Limits(64_000_000))
    # There is nothing behind these headers: whoever decodes says something else.
    assert "60000 × 60000" in refused(png(60_000, 60_000), PNG)
    assert "2001 × 2000" in refused(png(2001, 2000), PNG)
    assert "damaged" in refused(png(2000, 2000), PNG)


def test_a_phone_s_photo_with_a_depth_map_is_taken(developed):
    out = io.BytesIO()
    corners().save(out, "MPO", save_all=True, append_images=[noise(8, 8)])
    said, photo, _ = developed(out.getvalue())
    assert (said["width"], said["height"]) == (64, 48)
    assert differ(opened(photo), corners()) < 12


def test_of_a_short_animation_the_first_picture_is_taken_and_a_film_is_refused(developed, refused):
    _, photo, _ = developed(film(3), WEBP)
    assert max(opened(photo).getpixel((4, 4))) < 8
    assert "film" in refused(film(), WEBP)


@pytest.mark.parametrize("bomb", [text_bomb, profile_bomb])
def test_a_bomb_beside_the_picture_is_refused(refused, bomb):
    assert refused(bomb(), PNG)


def test_rows_that_never_end_are_not_unpacked(developed):
    said, _, _ = developed(endless_rows(), PNG)
    assert (said["width"], said["height"]) == (8, 8)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_photo_is_refused_or_whole(tmp_path, kind):
    data = encoded(noise(), kind)
    whole = _made(tmp_path, data, kind)
    cuts = random.Random(5).sample(range(0, len(data), 64), k=min(40, len(data) // 64))
    refused = 0
    for cut in cuts:
        try:
            assert _made(tmp_path, data[:cut], kind) == whole, cut
        except Unusable as error:
            assert str(error)
            refused += 1
    assert refused >= len(cuts) - 1  # the last bytes say only that it ends


def _made(folder, data, kind):
    (folder / CAME).write_bytes(data)
    develop(folder, kind, LIMITS)
    return (folder / PHOTO).read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_any_byte_that_was_changed_leads_to_a_photo_or_a_reason(tmp_path, kind):
    whole, dice = encoded(noise(24, 16), kind), random.Random(6)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            data[dice.randrange(12, len(data))] = dice.randrange(256)
        try:
            _made(tmp_path, bytes(data), kind)
        except Unusable as error:
            assert str(error)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_photo_is_read_only_as_what_it_began_as(refused, kind):
    other = PNG if kind != PNG else JPEG
    assert refused(encoded(corners(), kind), other)
