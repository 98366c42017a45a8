"""The measurement of cameras at work: its clips, its command line, a case of one stream."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks import cameras_parts as parts
from benchmarks.cameras_clips import FPS, damaged_clip, empty_room_clip, pictures_of, walk_in_clip
from benchmarks.cameras_stage import StageFailed, process_of
from benchmarks.cameras_streams import ASKING, CASES, RTSP_SERVER, SERVER, StreamOptions, measure_case
from tests.real_pictures import RealPictures
from tests.rtsp_server.fixtures import own_rtsp_server
from tests.rtsp_server.launcher import RtspServer, byte_stream, require_rtsp

from facegate.adapters.model_files import CachedModelFiles

__all__ = ["own_rtsp_server"]


def run_command(*words: str) -> subprocess.CompletedProcess[str]:
    root = Path(parts.__file__).parents[1]
    command = [sys.executable, "-m", "benchmarks", "cameras", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)


def test_an_unknown_section_is_refused() -> None:
    done = run_command("--only", "streams,nothing")
    assert done.returncode == 2
    assert "nothing" in done.stderr


def test_the_rtsp_servers_process_is_found(own_rtsp_server: RtspServer) -> None:
    process = process_of(own_rtsp_server)
    assert any("server.py" in word for word in process.cmdline())
    own_rtsp_server.close()
    with pytest.raises(StageFailed):
        process_of(own_rtsp_server)


@pytest.mark.slow
@pytest.mark.models
def test_clips_are_as_long_as_told_and_damaged_where_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_pictures: RealPictures
) -> None:
    require_rtsp()
    monkeypatch.setattr("benchmarks.cameras_clips.CLIPS_FOLDER", tmp_path)
    assert real_pictures
    shown = walk_in_clip(11, 46)
    assert (shown.somebody_from, len(list(pictures_of(shown)))) == (12, 57)
    room = empty_room_clip(30)
    assert len(list(pictures_of(room))) == 30
    lumas = [grabbed.luma(160).astype(int) for grabbed in pictures_of(shown)]
    changed = [abs(luma - lumas[5]).max() > 40 for luma in lumas]
    assert changed.index(True) == shown.somebody_from
    bad = damaged_clip(FPS, FPS)
    good_stream = byte_stream(empty_room_clip(2 * FPS).path).read_bytes()
    bad_stream = byte_stream(bad.path).read_bytes()
    assert bad_stream[: len(good_stream) // 3] == good_stream[: len(good_stream) // 3]
    assert bad_stream.count(b"\x00\x00\x00\x01\x09") == good_stream.count(b"\x00\x00\x00\x01\x09") == 2 * FPS
    assert bad_stream != good_stream


@pytest.mark.slow
@pytest.mark.models
def test_a_tiny_measurement_runs_from_the_command_line(
    tmp_path: Path, model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    require_rtsp()
    assert model_files
    assert real_pictures
    words = ["--quick", "--only", "parts,glass", "--streams", "1"]
    done = run_command(*words, "--results-folder", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (written,) = tmp_path.glob("*-cameras-*.json")
    content = json.loads(written.read_text())
    assert set(content["results"]["parts"]) >= {parts.RECEIVE, parts.EMBED, parts.REST}
    assert content["results"]["streams"] == []
    (first, _) = content["results"]["walk_ins"]
    assert [one["message_count"] for one in first["walk_ins"]] == [1, 1]
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".md", ".png"}


@pytest.mark.slow
@pytest.mark.models
def test_a_case_of_one_stream_is_measured(model_files: CachedModelFiles, real_pictures: RealPictures) -> None:
    require_rtsp()
    assert model_files
    assert real_pictures
    options = StreamOptions(streams=1, seconds=2.0, warm_up_s=1.0, gallery_size=0)
    figures = measure_case(CASES[-1], options)
    assert figures.streams == 1
    # A busy machine may be slower than the stream, but not by much.
    assert figures.decoded_per_s > 5
    assert figures.fates_per_s["analysed"] > 1
    assert set(figures.usage.cores) == {SERVER, RTSP_SERVER, ASKING}
    assert figures.latency_ms["median"] > 0
    assert figures.trouble == []
