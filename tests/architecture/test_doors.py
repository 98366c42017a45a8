"""What two layers know of the doors, since neither may ask the other, is the same."""

from facegate.frontends.wire.access_gate import OPEN_DOORS_BY_CONTRACT
from facegate.settings.server_groups import OPENABLE_DOORS


def test_settings_and_gate_agree_on_the_doors_that_can_be_opened() -> None:
    assert OPENABLE_DOORS == OPEN_DOORS_BY_CONTRACT
