"""Sequences of frames as an attack or a person gives them, and which cues show in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tests.real_pictures import RealPictures
from tests.real_video import FRAME_COUNT, moving_person_pixels

from benchmarks.liveness_eye import Eye, images_in, rounded
from benchmarks.liveness_scenes import Camera, Pixels, Sway, jpeg_of, print_waved, seated, shown_on_phone
from benchmarks.progress import progress_bar
from facegate.domain.presence.liveness_over_time import median_live_probability
from facegate.domain.presence.memory import ClientMemory
from facegate.domain.presence.picture_cues import PictureLimits, picture_cues
from facegate.domain.presence.rigid_motion import motion_of_face
from facegate.domain.presence.verdicts import Finding

RATES_PER_S = (1.0, 2.5, 5.0)
_SEQUENCE_S = 8.0
_LONG_SEQUENCE_S = 60.0
_CLIP_PER_S = 30.0
_ATTACKED = ("obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "astronaut.png")


@dataclass(frozen=True, slots=True)
class SequenceResult:
    """One staged sequence. Per finding: the share of frames that show it, and the seconds until the first.

    `least_median` and `greatest_median` are of the live probability over the window.
    """

    kind: str
    name: str
    rate_per_s: float
    frame_count: int
    least_median: float | None
    greatest_median: float | None
    greatest_shift: float | None
    misfits: tuple[float, ...]
    phone_frames: int
    shares: dict[str, float]
    first_s: dict[str, float]


def staged_sequences(eye: Eye, pictures: RealPictures, limits: PictureLimits) -> list[SequenceResult]:
    """Attacks made from real photos, and the clip of a real person who moves."""
    photos = [eye.photo(name, pictures.read(name)) for name in _ATTACKED]
    scene = _room(pictures)
    clip = [np.ascontiguousarray(pixels[:, :, ::-1]) for pixels in moving_person_pixels(pictures)]
    results: list[SequenceResult] = []
    with progress_bar("liveness: staged sequences", len(photos) * len(RATES_PER_S)) as advance_to:
        for rate in RATES_PER_S:
            times_s = [float(at_s) for at_s in np.arange(0.0, _SEQUENCE_S, 1 / rate)]
            for seed, photo in enumerate(photos):
                if photo is None:
                    raise RuntimeError("a pinned portrait shows no face")
                shown = {
                    "still portrait that sways": seated(photo, Sway(seed, reach_px=12.0)),
                    "portrait on a phone": shown_on_phone(photo, scene, Sway(seed, reach_px=25.0)),
                    "print that is waved": print_waved(photo, scene, Sway(seed, reach_px=25.0)),
                }
                for kind, at in shown.items():
                    camera = Camera(seed)
                    frames = [(at_s, camera.take(at(at_s))) for at_s in times_s]
                    results.append(_judged(eye, kind, photo.name, rate, frames, limits))
                still = Camera(seed).take(seated(photo, Sway(seed, 0.0))(0.0))
                frozen = [(at_s, still) for at_s in times_s]
                results.append(_judged(eye, "frozen frame, same bytes", photo.name, rate, frozen, limits))
                frozen = [(at_s, _with_comment(still, number)) for number, at_s in enumerate(times_s)]
                results.append(_judged(eye, "frozen frame, labelled anew", photo.name, rate, frozen, limits))
                advance_to(len(results) // 5)
            results += _of_the_clip(eye, clip, rate, limits)
    return results


def photos_in_turn(eye: Eye, portrait_sets: Iterable[Path], limits: PictureLimits) -> list[SequenceResult]:
    """Different photos of one person one after the other: landmarks change as no flat picture's do."""
    results = []
    for portrait_set in portrait_sets:
        for number, person in enumerate(sorted(path for path in portrait_set.iterdir() if path.is_dir())):
            photos = [eye.photo(path.name, path.read_bytes()) for path in images_in(person)]
            camera, sway = Camera(number), Sway(number, reach_px=25.0)
            frames = [
                (float(at_s), camera.take(seated(photo, sway)(float(at_s))))
                for at_s, photo in enumerate(found for found in photos if found is not None)
            ]
            if len(frames) > 1:
                results.append(_judged(eye, "photos of one person in turn", person.name, 1.0, frames, limits))
    return results


def _of_the_clip(
    eye: Eye, clip: Sequence[Pixels], rate: float, limits: PictureLimits
) -> list[SequenceResult]:
    results = []
    stride = round(_CLIP_PER_S / rate)
    for start in range(0, stride, max(1, stride // 6)):
        camera = Camera(start)
        live = [
            (place / _CLIP_PER_S, camera.take(clip[place])) for place in range(start, FRAME_COUNT, stride)
        ]
        results.append(_judged(eye, "real person who moves", f"from frame {start}", rate, live, limits))
    random = np.random.default_rng(0)
    jittered_s = np.arange(0.0, _LONG_SEQUENCE_S if rate <= 1 else 20.0, 1 / rate)
    jittered_s = jittered_s + random.uniform(0.0, 0.5 / rate, len(jittered_s))
    places = [round(float(at_s) * _CLIP_PER_S) % FRAME_COUNT for at_s in jittered_s]
    files = [jpeg_of(pixels) for pixels in clip]
    looped = [(float(at_s), files[place]) for at_s, place in zip(jittered_s, places, strict=True)]
    results.append(_judged(eye, "clip of 4 s, injected in a circle", "moving_person", rate, looped, limits))
    camera = Camera(1)
    filmed = [(float(at_s), camera.take(clip[place])) for at_s, place in zip(jittered_s, places, strict=True)]
    results.append(
        _judged(eye, "that clip with noise added to each frame", "moving_person", rate, filmed, limits)
    )
    return results


def _judged(
    eye: Eye, kind: str, name: str, rate: float, frames: Sequence[tuple[float, bytes]], limits: PictureLimits
) -> SequenceResult:
    memory = ClientMemory()
    medians: list[float] = []
    misfits: list[float] = []
    shifts: list[float] = []
    shown: list[tuple[float, Finding]] = []
    phone_frames = 0
    for at_s, encoded in frames:
        seen = eye.observe(at_s, encoded, with_phones=True)
        past = memory.past(at_s)
        shown += [(at_s - frames[0][0], cue.finding) for cue in picture_cues(seen, past, limits)]
        memory.remember(seen, frozenset())
        phone_frames += bool(seen.phones)
        if (median := median_live_probability(seen, past, limits.liveness_window_s)) is not None:
            medians.append(median)
        motion = motion_of_face(seen, past, limits.liveness_window_s)
        if motion is not None:
            shifts.append(motion.shift)
            if motion.shift >= limits.rigid_shift:
                misfits.append(round(motion.misfit, 4))
    findings = sorted({finding for _, finding in shown})
    return SequenceResult(
        kind=kind,
        name=name,
        rate_per_s=rate,
        frame_count=len(frames),
        least_median=rounded(min(medians, default=None)),
        greatest_median=rounded(max(medians, default=None)),
        greatest_shift=rounded(max(shifts, default=None)),
        misfits=tuple(misfits),
        phone_frames=phone_frames,
        shares={
            finding: round(sum(found is finding for _, found in shown) / len(frames), 3)
            for finding in findings
        },
        first_s={
            finding: round(min(at_s for at_s, found in shown if found is finding), 2) for finding in findings
        },
    )


def _room(pictures: RealPictures) -> Pixels:
    """What is behind the attack: a real photo without people, out of focus."""
    encoded = np.frombuffer(pictures.read("coffee.png"), dtype=np.uint8)
    pixels_bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if pixels_bgr is None:
        raise RuntimeError("the picture of a room cannot be read")
    blurred = cv2.GaussianBlur(cv2.resize(pixels_bgr, (640, 480)), (0, 0), 6)
    return np.ascontiguousarray(blurred[:, :, ::-1], dtype=np.uint8)


def _with_comment(jpeg: bytes, number: int) -> bytes:
    """The same picture in other bytes: a comment after the first marker."""
    text = f"frame {number}".encode()
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]
