"""Pictures as files: JPEG, PNG and GIF, with or without their colour space."""

import struct
from functools import cache
from io import BytesIO
from typing import Any, Final

from PIL import Image, ImageCms

from imaging.errors import CannotTranscode
from imaging.rendering.appearance import Appearance, IccProfile, PictureType
from imaging.rendering.attributes import Bulk, Model, items, octets, tag

_PROFILE: Final = tag("ICCProfile")
_OPTICAL_PATHS: Final = tag("OpticalPathSequence")
_MOST_PROFILE_BYTES: Final = 4 << 20
_PROFILE_TIME: Final = slice(24, 36)  # ICC.1 7.2.8
_PNG_EFFORT: Final = 3  # of 9: a third of the time of the usual 6, and little larger
GIF_COLOURS: Final = 256


def encoded(
    picture: Image.Image, made: PictureType, appearance: Appearance, profile: bytes
) -> bytes:
    """Return a picture as a file.

    Parameters
    ----------
    profile
        The colour space of the image, b"" where it has none; that of grey ones is
        never told, as a profile describes colours (DICOM PS3.3 C.11.15.1.1).
    """
    options: dict[str, Any] = {}
    if appearance.icc_profile is not IccProfile.NO and picture.mode == "RGB":
        picture, options["icc_profile"] = _in_space(
            picture, appearance.icc_profile, profile
        )
    target = BytesIO()
    if made is PictureType.JPEG:
        # Colours at full resolution: they are findings, too.
        options |= {"quality": appearance.quality, "subsampling": 0}
        picture.save(target, "JPEG", **options)
    elif made is PictureType.PNG:
        picture.save(target, "PNG", compress_level=_PNG_EFFORT, **options)
    else:
        is_grey = picture.mode == "L"  # which a palette holds exactly
        (picture if is_grey else picture.quantize(GIF_COLOURS)).save(target, "GIF")
    return target.getvalue()


def profile_of(frame: Model, bulk: Bulk) -> bytes:
    """Return the ICC profile of an image, or that of its first optical path."""
    for place in (frame, *items(frame, _OPTICAL_PATHS)[:1]):
        found = octets(place, _PROFILE, bulk)
        if 0 < len(found) <= _MOST_PROFILE_BYTES:
            return found
    return b""


def _in_space(
    picture: Image.Image, wanted: IccProfile, profile: bytes
) -> tuple[Image.Image, bytes]:
    """Return a picture in the colour space that is asked for, and its profile.

    Colours without a profile are taken for those of sRGB.

    Raises
    ------
    CannotTranscode
        The image's profile is none that can be used.
    """
    if not profile:
        return picture, _srgb()
    if wanted is IccProfile.YES:
        return picture, profile
    try:
        converted = ImageCms.profileToProfile(
            picture, BytesIO(profile), BytesIO(_srgb())
        )
    except (ImageCms.PyCMSError, OSError) as error:
        message = "The ICC profile of the instance cannot be used. Ask without it."
        raise CannotTranscode(message) from error
    return converted or picture, _srgb()


@cache
def _srgb() -> bytes:
    """Return the profile of sRGB, always the same: it is made with the time of now."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_PROFILE_TIME] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(made)
