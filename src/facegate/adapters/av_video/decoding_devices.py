"""Hardware that decodes, where it is there."""

import functools
import sys

import av
import av.error
from av.codec.hwaccel import HWAccel

from facegate.domain.cameras.camera import HardwareDecode

_BY_PLATFORM = {
    "darwin": (HardwareDecode.VIDEOTOOLBOX,),
    "win32": (HardwareDecode.D3D11VA, HardwareDecode.CUDA),
}
_ELSEWHERE = (HardwareDecode.CUDA, HardwareDecode.VAAPI)

SOFTWARE = "software"


def choose_device(wanted: HardwareDecode) -> tuple[HWAccel | None, str]:
    """The device to decode with and how it is told; None where the processor decodes."""
    if wanted is HardwareDecode.NONE:
        return None, SOFTWARE
    candidates: tuple[HardwareDecode, ...] = (wanted,)
    if wanted is HardwareDecode.AUTO:
        candidates = _BY_PLATFORM.get(sys.platform, _ELSEWHERE)
    for device in candidates:
        if _is_there(device):
            return HWAccel(device.value, allow_software_fallback=True), device.value
    if wanted is HardwareDecode.AUTO:
        return None, SOFTWARE
    return None, f"{SOFTWARE} ({wanted.value} is not available)"


@functools.cache
def _is_there(device: HardwareDecode) -> bool:
    """Tried once with H.264, which every such device decodes."""
    try:
        HWAccel(device.value).create(av.Codec("h264", "r"))
    except (av.error.FFmpegError, NotImplementedError, ValueError):
        return False
    return True
