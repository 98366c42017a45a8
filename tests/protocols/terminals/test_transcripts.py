"""Traffic as the reference tells it, good and malformed, held against the protocol line by line."""

from pathlib import Path

import pytest
from tests.protocols.terminals.transcript_player import FOLDER, Player

from facegate.domain.terminals.activity import ActivityKind

TRANSCRIPTS = sorted(FOLDER.glob("*.jsonl"))


def test_there_are_transcripts() -> None:
    assert len(TRANSCRIPTS) >= 6


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    Player().play(path)


def test_what_a_day_leaves_behind() -> None:
    player = Player()
    player.play(FOLDER / "a_day.jsonl")
    scans = [scan for stored in player.stored for scan in stored.scans]
    assert [scan.record.kind for scan in scans] == [
        ActivityKind.ATTENDANCE,
        ActivityKind.DEVICE_EVENT,
        ActivityKind.ATTENDANCE,
    ]
    assert [scan.snapshot is not None for scan in scans] == [False, False, True]


def test_what_old_firmware_leaves_behind() -> None:
    player = Player()
    player.play(FOLDER / "old_firmware.jsonl")
    records = [scan.record for stored in player.stored for scan in stored.scans]
    assert [record.enroll_id for record in records] == [7, 7, 8]
    assert records[0].mode == 1
    assert records[1].name == "a,]b"
    assert records[2].temperature_c == 36.5


def test_what_is_kept_of_enrolments() -> None:
    player = Player()
    player.play(FOLDER / "enrolments.jsonl")
    kept = [(enrol.push.backup_number, enrol.push.photo is not None) for enrol in player.enrolled]
    assert kept == [(50, True), (50, True), (10, False)]
    assert player.enrolled[2].push.is_administrator
    assert "1234" not in repr(player.enrolled)
