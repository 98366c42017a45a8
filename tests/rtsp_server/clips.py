"""Clips made by ffmpeg out of real photos: an empty scene into which a person walks."""

import subprocess
from pathlib import Path

_SLIDE_S = 0.8


def make_walk_in_clip(
    photo_path: Path | str,
    out: Path | str,
    seconds_empty: float = 2.0,
    seconds_present: float = 6.0,
    size: tuple[int, int] = (1280, 720),
    fps: int = 25,
) -> Path:
    """An empty room, then somebody comes in from the right, sways a little and leaves to the left.

    `seconds_present` count from the first pixel seen to the last; the clip ends when the person is gone, so
    that a loop begins with the empty room again. The photo fills most of the height. H.264 without frames
    that wait for later ones, a key frame each second, as cameras send it. Gives `out`.
    """
    width_px, height_px = size
    stands_s = seconds_empty + _SLIDE_S
    goes_s = seconds_empty + seconds_present - _SLIDE_S
    middle, sway = "(W-w)/2", f"{width_px // 40}*sin(2*PI*(t-{stands_s})/3)"
    x = (
        f"if(lt(t,{seconds_empty}),W,"
        f"if(lt(t,{stands_s}),W-(W-{middle})*(t-{seconds_empty})/{_SLIDE_S},"
        f"if(lt(t,{goes_s}),{middle}+{sway},"
        f"{middle}+{sway}-({middle}+w+{width_px // 20})*(t-{goes_s})/{_SLIDE_S})))"
    )
    graph = (
        f"[0:v]{_room(width_px, height_px)}[room];"
        f"[1:v]scale=-2:{height_px * 9 // 10 // 2 * 2},format=yuv420p[person];"
        f"[room][person]overlay=x='{x}':y='H-h+2*sin(t*5)',noise=alls=4:allf=t,format=yuv420p[v]"
    )
    command = ["ffmpeg", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"color=c=0x8a8d87:s={width_px}x{height_px}:r={fps}"]
    command += ["-loop", "1", "-framerate", str(fps), "-i", str(photo_path)]
    command += ["-filter_complex", graph, "-map", "[v]", "-t", str(seconds_empty + seconds_present)]
    subprocess.run([*command, *_as_a_camera(fps), str(out)], check=True)
    return Path(out)


def make_counting_clip(
    out: Path | str, seconds: float = 4.0, size: tuple[int, int] = (1280, 720), fps: int = 25
) -> Path:
    """A moving test picture; 12 squares along the top say each frame's number in binary, see `number_in`."""
    width_px, height_px = size
    side = width_px // 16
    squares = ",".join(
        f"drawbox=x={side * (2 + bit)}:y=0:w={side}:h={side}:t=fill:c=white:"
        f"enable='mod(floor((n+0.5)/{2**bit}),2)'"
        for bit in range(COUNT_BITS)
    )
    graph = f"drawbox=x=0:y=0:w={width_px}:h={side}:t=fill:c=black,{squares},format=yuv420p"
    command = ["ffmpeg", "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", f"testsrc2=s={width_px}x{height_px}:r={fps}:d={seconds}"]
    subprocess.run([*command, "-vf", graph, *_as_a_camera(fps), str(out)], check=True)
    return Path(out)


COUNT_BITS = 12


def number_in(luma: "object") -> int:
    """The number of a frame of `make_counting_clip`, from its brightness in any size."""
    import numpy as np

    pixels = np.asarray(luma)
    side = pixels.shape[1] / 16
    row = int(side / 2)
    return sum(int(pixels[row, int(side * (2.5 + bit))] > 128) << bit for bit in range(COUNT_BITS))


def _room(width_px: int, height_px: int) -> str:
    """A wall, a floor, a door and a window."""
    boxes = (
        (0, 0.8, 1, 0.2, "0x6b5a48"),
        (0.06, 0.25, 0.16, 0.57, "0x5a4634"),
        (0.7, 0.12, 0.22, 0.36, "0xb9c8d3"),
        (0.805, 0.12, 0.01, 0.36, "0x777777"),
    )
    return ",".join(
        f"drawbox=x={round(x * width_px)}:y={round(y * height_px)}:w={round(w * width_px)}:"
        f"h={round(h * height_px)}:t=fill:c={colour}"
        for x, y, w, h, colour in boxes
    )


def _as_a_camera(fps: int) -> list[str]:
    """One slice for each picture, as most cameras have it."""
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-bf", "0"),
        *("-x264-params", "sliced-threads=0:slices=1"),
        *("-g", str(fps), "-pix_fmt", "yuv420p", "-an"),
    ]
