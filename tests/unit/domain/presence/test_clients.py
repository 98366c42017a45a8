"""What each command makes of each status."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import ClientConflict, InvalidInput
from facegate.domain.presence.clients import (
    MAX_NOTE_CHARS,
    ClientStatus,
    StatusCommand,
    changed_status,
    parse_status_note,
)

REGISTERED, ACTIVE = ClientStatus.REGISTERED, ClientStatus.ACTIVE
PAUSED, BLOCKED = ClientStatus.PAUSED, ClientStatus.BLOCKED


@pytest.mark.parametrize(
    ("command", "statuses"),
    [
        # registered, active, paused, blocked become:
        (StatusCommand.PAUSE, (PAUSED, PAUSED, PAUSED, None)),
        (StatusCommand.RESUME, (REGISTERED, ACTIVE, ACTIVE, None)),
        (StatusCommand.BLOCK, (BLOCKED, BLOCKED, BLOCKED, BLOCKED)),
        (StatusCommand.UNBLOCK, (REGISTERED, ACTIVE, PAUSED, ACTIVE)),
        (StatusCommand.LOG_IN, (ACTIVE, ACTIVE, PAUSED, None)),
    ],
)
def test_the_table(command: StatusCommand, statuses: tuple[ClientStatus | None, ...]) -> None:
    for before, after in zip(ClientStatus, statuses, strict=True):
        if after is None:
            with pytest.raises(ClientConflict):
                changed_status(before, command)
        else:
            assert changed_status(before, command) is after


@given(st.lists(st.sampled_from(StatusCommand), max_size=12))
def test_nothing_but_unblocking_ends_a_block_and_twice_is_once(commands: list[StatusCommand]) -> None:
    status = REGISTERED
    for command in commands:
        before = status
        try:
            status = changed_status(before, command)
        except ClientConflict:
            assert before is BLOCKED
            assert command not in (StatusCommand.BLOCK, StatusCommand.UNBLOCK)
            continue
        if before is BLOCKED and status is not BLOCKED:
            assert command is StatusCommand.UNBLOCK
        if status is REGISTERED:
            assert before is REGISTERED
        assert changed_status(status, command) is status


def test_a_note_is_one_line_for_people() -> None:
    assert parse_status_note("  on leave \U0001f334 ") == "on leave \U0001f334"
    assert parse_status_note("x" * MAX_NOTE_CHARS)
    for wrong in ("x" * (MAX_NOTE_CHARS + 1), "two\nlines", "nul\0", "half \ud83c"):
        with pytest.raises(InvalidInput) as refusal:
            parse_status_note(wrong)
        assert refusal.value.field == "note"
