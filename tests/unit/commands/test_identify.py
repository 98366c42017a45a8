"""`facegate identify` and `facegate verify`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from PIL import Image, ImageFont
from tests.unit.commands.conftest import Run

from facegate.commands.output.drawn_faces import _drawable_caption, draw_faces
from facegate.commands.output.outcomes import CommandRefused
from facegate.domain.matching import Band
from facegate.frontends.rest_v1 import answers


def test_a_known_face_is_named_with_figures(run: Run, photo: Callable[..., Path]) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"), "--name", "Ann A.")
    answer = run("identify", photo("2.jpg", "ann", variant=1))
    assert answer.exit_code == 0, answer.output
    header, row = answer.stdout.splitlines()
    assert header.split() == ["who", "band", "confidence", "similarity", "margin", "at"]
    assert "ann (Ann A.)" in row
    assert " match " in row
    both = run("identify", photo("3.jpg", "eve"), photo("2.jpg", "ann", variant=1), "--candidates", "2")
    assert both.exit_code == 0
    assert both.stdout.startswith("photo ")
    assert "3.jpg" in both.stdout


def test_a_stranger_is_unknown_and_the_exit_code_says_so(run: Run, photo: Callable[..., Path]) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"))
    answer = run("identify", photo("2.jpg", "eve"))
    assert answer.exit_code == 1
    assert "unknown" in answer.stdout
    assert "ann" not in answer.stdout


def test_an_empty_gallery_and_a_picture_without_faces(run: Run, photo: Callable[..., Path]) -> None:
    assert "unknown" in run("identify", photo("1.jpg", "ann")).stdout
    nobody = run("identify", photo("2.jpg"))
    assert nobody.exit_code == 1
    assert "no face was found" in nobody.stderr


def test_json_is_a_line_per_photo_with_errors_in_place(
    run: Run, photo: Callable[..., Path], tmp_path: Path
) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"))
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    answer = run("identify", "--json", "--candidates", "3", broken, photo("2.jpg", "ann", "eve", variant=1))
    assert answer.exit_code == 1
    refused, seen = map(json.loads, answer.stdout.splitlines())
    assert refused["error"]["kind"] == "unreadable_image"
    assert seen["file"].endswith("2.jpg")
    assert sorted(face["band"] for face in seen["faces"]) == ["match", "unknown"]


def test_names_cannot_steer_the_terminal(run: Run, photo: Callable[..., Path]) -> None:
    odd = photo("[red]\x1b[31mx.jpg", "ann")
    answer = run("identify", odd, odd)
    assert "\x1b" not in answer.output
    assert "[red]" in answer.stdout


def test_draw_needs_one_photo_and_another_name(run: Run, photo: Callable[..., Path]) -> None:
    first, second = photo("1.jpg", "ann"), photo("2.jpg", "ann")
    assert run("identify", first, second, "--draw", "out.jpg").exit_code == 2
    overwriting = run("identify", first, "--draw", first)
    assert overwriting.exit_code == 2
    assert "overwrite" in overwriting.stderr
    assert run("identify", first, "--draw", first, "--force").exit_code == 2


def test_draw_replaces_only_with_force(run: Run, photo: Callable[..., Path], tmp_path: Path) -> None:
    whom = photo("1.jpg", "ann")
    (tmp_path / "out.png").write_bytes(b"older")
    refused = run("identify", whom, "--draw", "out.png")
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "out.png").read_bytes() == b"older"


def _face(band: Band, left_px: float, subject_id: str = "ann", name: str = "Ann") -> answers.IdentifiedFace:
    found = answers.Candidate(
        subject_id=subject_id, template_id="t", similarity=0.7, confidence=0.9, false_match_rate=1e-6
    )
    return answers.IdentifiedFace(
        box=answers.Box(left_px=left_px, top_px=-5.0, right_px=left_px + 80.0, bottom_px=90.0),
        landmarks=[(0.0, 0.0)] * 5,
        detection_confidence=0.9,
        quality=answers.Quality(quality=0.8, advice=""),
        liveness=None,
        band=band,
        match=answers.Match(**found.model_dump(), display_name=name) if band is Band.MATCH else None,
        candidates=[found],
        min_similarity=0.4,
        margin=None,
        searched_template_count=1,
    )


def test_drawn_boxes_stand_in_the_upright_picture_without_its_metadata(tmp_path: Path) -> None:
    photo, out = tmp_path / "in.jpg", tmp_path / "out.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "a camera"
    Image.fromarray(np.full((120, 300, 3), 90, np.uint8)).save(photo, exif=exif)
    draw_faces(photo.read_bytes(), [_face(Band.MATCH, 10.0), _face(Band.UNKNOWN, 100.0)], out)
    with Image.open(out) as drawn:
        assert drawn.size == (120, 300)
        assert not drawn.getexif()
        pixels = np.asarray(drawn.convert("RGB"))
    assert tuple(pixels[60, 10]) == (38, 166, 91)
    with pytest.raises(CommandRefused, match=r"\.jpg or \.png"):
        draw_faces(photo.read_bytes(), [], tmp_path / "out.nothing")


def test_names_that_the_font_lacks_are_told_beside_the_picture(tmp_path: Path) -> None:
    photo, out = tmp_path / "in.png", tmp_path / "out.jpg"
    Image.fromarray(np.full((120, 300, 3), 90, np.uint8)).save(photo)
    faces = [
        _face(Band.MATCH, 10.0, "zoe", "Zoe M."),
        _face(Band.MATCH, 60.0, "wang", "\u738b\u82b3"),  # the id will do
        _face(Band.MATCH, 120.0, "\u738b", "\u738b\u82b3"),
    ]
    assert draw_faces(photo.read_bytes(), faces, out) == ["#3 in out.jpg: \u738b (\u738b\u82b3) 0.90"]
    font = ImageFont.load_default(size=12)
    captions = [_drawable_caption(face, number, font) for number, face in enumerate(faces, start=1)]
    assert captions == ["zoe (Zoe M.) 0.90", "wang 0.90", "#3"]


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, out = tmp_path / "in.png", tmp_path / "out.jpg"
    Image.fromarray(np.full((120, 300, 3), 90, np.uint8)).save(photo)
    out.write_bytes(b"older")

    def breaking(self: Image.Image, file: BinaryIO, **_: object) -> None:
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", breaking)
    with pytest.raises(CommandRefused):
        draw_faces(photo.read_bytes(), [], out)
    assert out.read_bytes() == b"older"
    assert len(list(tmp_path.iterdir())) == 2


def test_verify_says_yes_or_no(run: Run, photo: Callable[..., Path]) -> None:
    run("enrol", "ann", photo("1.jpg", "ann"))
    run("enrol", "bob", photo("2.jpg", "bob"))
    yes = run("verify", "ann", photo("3.jpg", "ann", variant=1))
    assert (yes.exit_code, yes.stdout[:21]) == (0, "yes: this is ann (con")
    no = run("verify", "ann", photo("4.jpg", "bob", variant=1))
    assert no.exit_code == 1
    assert "no: this is not ann, but bob" in no.stdout
    assert run("verify", "ann", photo("5.jpg")).stdout == "no: no face was found\n"
    unknown = run("verify", "nobody", photo("3.jpg", "ann"))
    assert unknown.exit_code == 1
    assert unknown.stderr == "Nobody with this id is enrolled.\n"
    data = json.loads(run("verify", "ann", photo("3.jpg", "ann"), "--json").stdout)
    assert data["is_match"] is True
