"""How a terminal behaves in time, and how badly."""

from dataclasses import dataclass, field

from facegate.commands.simulated_terminals.device.photos import SAMPLE_PHOTO


@dataclass(frozen=True, slots=True)
class Mischief:
    """How often something goes wrong: shares between 0 (never) and 1 (always).

    `garbage` is sent before a message of its own, `repeated_records` sends settled records once more,
    `repeated_registrations` registers again on the same connection, `dropped_links` breaks the connection
    right after a message, so that its answer is lost. `lingering_sockets` of the broken ones stay open and
    mute, as after a power cut. Late answers come `late_by_s` after their time.
    """

    garbage: float = 0.0
    repeated_records: float = 0.0
    repeated_registrations: float = 0.0
    dropped_links: float = 0.0
    lingering_sockets: float = 0.0
    silence: float = 0.0
    late_answers: float = 0.0
    doubled_answers: float = 0.0
    late_by_s: float = 12.0


def mischief_of(nastiness: float) -> Mischief:
    """All of it in proportion: 0 is a good terminal, 1 one that hardly works."""
    return Mischief(
        garbage=nastiness,
        repeated_records=nastiness,
        repeated_registrations=nastiness / 4,
        dropped_links=nastiness / 4,
        lingering_sockets=0.5 if nastiness else 0.0,
        silence=nastiness / 4,
        late_answers=nastiness / 4,
        doubled_answers=nastiness / 2,
    )


@dataclass(frozen=True, slots=True)
class Habits:
    """Times in seconds, as reported from the field; how many records one message holds.

    `picture_share` is the part of scans that carry the person's photo; `stranger_share` and
    `door_event_share` are of nobody known and of the door. `new_photo` (base64) is of whoever is enrolled
    on the terminal itself.
    """

    register_again_after_s: float = 20.0
    give_up_registering_after: int = 3
    log_answer_limit_s: float = 20.0
    refused_again_after_s: float = 5.0
    user_again_after_s: float = 5.0
    answer_delay_s: float = 0.03
    enrolling_takes_s: float = 2.0
    batch_size: int = 50
    stranger_share: float = 0.0
    door_event_share: float = 0.0
    picture_share: float = 1.0
    new_photo: str = field(default=SAMPLE_PHOTO, repr=False)
    mischief: Mischief = field(default_factory=Mischief)
