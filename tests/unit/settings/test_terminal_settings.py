"""Settings of terminals that would hurt."""

import pytest
from pydantic import ValidationError

from facegate.settings.terminal_groups import TerminalSettings


@pytest.mark.parametrize("every_s", [0.0, 10.0, 3600.0])
def test_logs_are_collected_never_or_at_a_bearable_pace(every_s: float) -> None:
    assert TerminalSettings(collect_log_every_s=every_s).collect_log_every_s == every_s


@pytest.mark.parametrize("every_s", [-1.0, 0.001, 9.9])
def test_logs_are_not_collected_all_the_time(every_s: float) -> None:
    with pytest.raises(ValidationError):
        TerminalSettings(collect_log_every_s=every_s)
