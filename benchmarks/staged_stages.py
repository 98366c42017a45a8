"""The stages: the user alone, an empty room, others, attacks, telephones, changes while checks are reused."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.real_video import as_jpeg

from benchmarks.presence_staged import NO_FACE, PHONE, REUSE_S, SPOOF, WRONG_USER, Stage, StageResult, play
from benchmarks.staged_pictures import (
    FRAMES_PER_S_OF_CLIP,
    PHONES,
    Camera,
    Pixels,
    clip,
    clip_once,
    face_over_face,
    on_a_phone,
    on_paper,
    phone_raised,
    portrait_views,
    read_picture,
    room,
    somebody_beside,
    swaying,
    test_pictures,
)

FRAMES_PER_S = 5
_STRIDE = FRAMES_PER_S_OF_CLIP // FRAMES_PER_S
_SECONDS_BEFORE = 3
_BEFORE = _SECONDS_BEFORE * FRAMES_PER_S
_SHORT = 3 * FRAMES_PER_S
_LONG = 14 * FRAMES_PER_S

_OTHERS = {"obama": "obama2.jpg", "biden": "biden.jpg", "astronaut": "astronaut.png"}
_REAL_OF_ATTACK = {"replay/images_sample_image_F2.jpg": "real/images_sample_image_T1.jpg"}
"""An attack and a live picture of the same person; of the other attacks there is none that passes as live."""


def long_run(slow_count: int, true_count: int) -> Iterator[Stage]:
    """The user as they are: every frame of the clip in turn, and the clip at its own speed."""
    camera = Camera()
    enrolled = [as_jpeg(clip()[0])]
    slow = camera.film(clip_once(slow_count))
    yield Stage("a real user", "every frame of the clip, forwards, a sixth of its speed", enrolled, slow)
    at_speed: list[Pixels] = []
    while len(at_speed) < true_count:
        # Each pass begins at another frame, so that all of them are seen.
        at_speed += clip()[len(at_speed) // 20 % _STRIDE :: _STRIDE]
    name = "the clip at its own speed, with a cut every 4 s"
    yield Stage("a real user", name, enrolled, camera.film(at_speed[:true_count]))


def without_folders() -> Iterator[Stage]:
    """Everything that is staged from the pinned pictures alone."""
    camera = Camera(1)
    for name in ("coffee.png", "chelsea.png"):
        yield _changed(camera, "empty room", name, swaying(room(name), _SHORT), {NO_FACE})
    for name, photo in _OTHERS.items():
        views = portrait_views(photo, _SHORT)
        stranger = _changed(camera, "another person", f"{name}, a stranger", views, {WRONG_USER})
        yield replace(stranger, wanted_name="unknown")
        others = {name: [test_pictures().read("obama.jpg" if name == "obama" else photo)]}
        known = _changed(camera, "another person", f"{name}, enrolled", views, {WRONG_USER})
        yield replace(known, others=others, wanted_name=name)
    frames = clip_once(_SHORT, _BEFORE * _STRIDE)
    for name, photo in _OTHERS.items():
        for face_px in (110, 60):
            both = somebody_beside(frames, photo, face_px)
            yield _changed(
                camera, "somebody beside the user", f"{name}, face {face_px} px", both, {WRONG_USER}
            )
    yield from _made_attacks(camera)


def with_photos(folder: Path) -> Iterator[Stage]:
    """What needs photos of attacks (`spoof`) and telephones (`phones`) in a folder."""
    camera = Camera(2)
    if (folder / "spoof").is_dir():
        yield from _spoof_samples(camera, folder / "spoof")
    if (folder / "phones").is_dir():
        yield from _phones(camera, folder / "phones")


def inside_a_window(folder: Path | None) -> Iterator[Stage]:
    """Violations that begin while the checks of an earlier frame are in use."""
    camera = Camera(3)
    group = "while checks are reused"
    frames = clip_once(_LONG, _BEFORE, 1)
    for name, photo in _OTHERS.items():
        swap = portrait_views(photo, _LONG)
        yield _changed(camera, group, f"{name} in another place", swap, {WRONG_USER}, 1)
        over = face_over_face(frames, photo)
        yield _changed(camera, group, f"{name}'s face over the user's", over, {WRONG_USER}, 1)
    for name in ("coffee.png", "chelsea.png"):
        yield _changed(camera, group, f"empty room, {name}", swaying(room(name), _LONG), {NO_FACE}, 1)
    both = somebody_beside(frames, "biden.jpg", 110)
    yield _changed(camera, group, "somebody beside the user", both, {WRONG_USER}, 1)
    if folder is not None:
        for path in _phone_photos(folder / "phones"):
            raised = phone_raised(frames, path)
            yield _changed(camera, group, f"telephone of {path.stem} raised", raised, {PHONE}, 1)
    played = on_a_phone(frames, room("coffee.png"))
    yield _changed(camera, group, "the user on a telephone", played, {SPOOF, PHONE}, 1)


def _changed(
    camera: Camera,
    group: str,
    name: str,
    pictures: Sequence[Pixels],
    wanted: set[str],
    step: int = _STRIDE,
) -> Stage:
    """The clip's user for three seconds, then something else."""
    return Stage(
        group=group,
        name=name,
        enrolled=[as_jpeg(clip()[0])],
        before=camera.film(clip_once(_BEFORE, 0, step)),
        staged=camera.film(pictures),
        wanted=frozenset(wanted),
    )


def _made_attacks(camera: Camera) -> Iterator[Stage]:
    group = "attack, made from the clip"
    enrolled = [as_jpeg(clip()[0])]
    frames = clip_once(_LONG, 0, _STRIDE)
    for name in ("coffee.png", "chelsea.png"):
        played = camera.film(on_a_phone(frames[:25], room(name)))
        stage = f"played on a dark telephone before {name}"
        yield Stage(group, stage, enrolled, played, wanted=frozenset({SPOOF, PHONE}))
        yield _changed(
            camera, group, f"{stage}, after the user", on_a_phone(frames[:25], room(name)), {SPOOF, PHONE}
        )
        printed = camera.film(on_paper(clip()[0], 25, room(name)))
        yield Stage(group, f"printed, before {name}", enrolled, printed, wanted=frozenset({SPOOF}))
    spoof = frozenset({SPOOF})
    still = camera.jpeg(clip()[20])
    yield Stage(group, "one frame, the same bytes again and again", enrolled, [still] * _LONG, wanted=spoof)
    encodings = [as_jpeg(clip()[20], 60 + number % 35) for number in range(_LONG)]
    yield Stage(
        group, "one frame, encoded anew each time", enrolled, encodings, wanted=spoof, is_known_gap=True
    )
    loop = camera.film(clip_once(8, 0, _STRIDE))
    looped = [loop[number % 8] for number in range(_LONG)]
    yield Stage(group, "eight frames in a circle, the same bytes", enrolled, looped, wanted=spoof)
    noisy = camera.film([clip()[20]] * _LONG)
    yield Stage(group, "one frame with new noise each time", enrolled, noisy, wanted=spoof, is_known_gap=True)


def _spoof_samples(camera: Camera, folder: Path) -> Iterator[Stage]:
    for path in _photos(folder / "real"):
        shown = [path.read_bytes(), *camera.film(swaying(read_picture(path), _SHORT))]
        yield Stage("live sample", path.stem, shown[:1], shown)
    for kind, wanted in (("print", {SPOOF}), ("replay", {SPOOF, PHONE})):
        for path in _photos(folder / kind):
            attack = camera.film(swaying(read_picture(path), _SHORT))
            group = f"attack, {kind} sample"
            name = f"{path.stem}, enrolled from itself"
            yield Stage(group, name, [path.read_bytes()], attack, wanted=frozenset(wanted))
            real = folder / _REAL_OF_ATTACK.get(f"{kind}/{path.name}", "-")
            if real.is_file():
                # Enrolled from both, so that it is not the face that gives the attack away.
                both = [real.read_bytes(), path.read_bytes()]
                before = camera.film(swaying(read_picture(real), _BEFORE))
                name = f"{path.stem}, after three seconds of the person"
                yield Stage(group, name, both, attack, before, frozenset(wanted))


def _phones(camera: Camera, folder: Path) -> Iterator[Stage]:
    for path in _photos(folder / "phone_in_hand"):
        shown = [path.read_bytes(), *camera.film(swaying(read_picture(path), 9))]
        yield Stage(
            "telephone in hand",
            path.stem,
            shown[:1],
            shown,
            wanted=frozenset({PHONE}),
            tolerated=frozenset({SPOOF}),
        )
    frames = clip_once(_SHORT, _BEFORE * _STRIDE, _STRIDE)
    for path in _phone_photos(folder):
        raised = phone_raised(frames, path)
        yield _changed(
            camera, "telephone in hand", f"that of {path.stem} raised by the user", raised, {PHONE}
        )
    for path in _photos(folder / "no_phone"):
        shown = [path.read_bytes()]
        yield Stage("no telephone", path.stem, shown, shown, tolerated=frozenset({SPOOF}))


def _photos(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.*") if path.suffix in {".jpg", ".png"})


def _phone_photos(folder: Path) -> list[Path]:
    return [path for path in _photos(folder / "phone_in_hand") if path.name in PHONES]


def play_all(photos: Path | None, run_frames: int) -> list[StageResult]:
    """All stages with every check on every frame, then the long runs and the changes with reuse."""

    def every_check() -> Iterator[Stage]:
        yield from long_run(run_frames, run_frames)
        yield from without_folders()
        if photos is not None:
            yield from with_photos(photos)

    def reused() -> Iterator[Stage]:
        yield from long_run(run_frames, run_frames)
        yield from inside_a_window(photos)

    return [*play(every_check, 0.0), *play(reused, REUSE_S)]
