"""The presence door's decisions on staged real pictures: which, after how many frames, how often wrong."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.people import synthetic_people
from benchmarks.progress import console
from benchmarks.server_process import fill_gallery, running_server
from benchmarks.staged_client import NO_ACTION, Desk, Heard, NotEnrolled
from benchmarks.timing import available_cores

PEOPLE = 10_000
REUSE_S = 10.0

NO_FACE = "ACTION_LOCK_SCREEN REASON_NO_FACE"
WRONG_USER = "ACTION_LOCK_SCREEN REASON_WRONG_USER"
SPOOF = "ACTION_LOCK_SCREEN REASON_SPOOF_IMAGE"
PHONE = "ACTION_SIGN_OUT REASON_PHONE_DETECTION"

_AFTER_ACTION = 5


@dataclass(frozen=True, slots=True)
class Stage:
    """What one user's camera sees, and what has to be said to it.

    `before` are frames of the user as they are, `staged` those of the stage; `wanted` are the outcomes of
    which one has to come, none if no action at all may come. `tolerated` ones are counted apart: photos of
    the web need not pass as live pictures where telephones are the question. `others` are enrolled beside
    the user. A stage that `is_known_gap` shows what the door is documented not to see; it is measured all
    the same.
    """

    group: str
    name: str
    enrolled: Sequence[bytes]
    staged: Sequence[bytes]
    before: Sequence[bytes] = ()
    wanted: frozenset[str] = frozenset()
    tolerated: frozenset[str] = frozenset()
    others: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    wanted_name: str | None = None
    is_known_gap: bool = False


@dataclass(frozen=True, slots=True)
class StageResult:
    """What was heard.

    `false_before` counts the actions in the frames before the stage. `frames_to_action` counts the staged
    frames up to the first wanted action, that one included; `seconds_to_action` is the time between
    their sending. `wrong` counts the actions that were not wanted. `later` counts all answers after the
    first wanted action. Interval: of the sending, median.
    """

    group: str
    name: str
    reuse_s: float
    wanted: tuple[str, ...]
    before_count: int
    false_before: Mapping[str, int]
    staged_count: int
    frames_to_action: int | None
    seconds_to_action: float | None
    outcome: str
    actual_username: str
    wanted_name: str | None
    findings: tuple[str, ...]
    wrong: Mapping[str, int]
    wrong_findings: Mapping[str, int]
    tolerated: Mapping[str, int]
    later: Mapping[str, int]
    interval_s: float
    is_known_gap: bool
    refused: str = ""

    @property
    def is_as_wanted(self) -> bool:
        """Whether the wanted action came, or, where none was wanted, none."""
        if self.refused or self.false_before or self.wrong:
            return False
        if self.wanted_name is not None and self.actual_username != self.wanted_name:
            return False
        return not self.wanted or self.frames_to_action is not None


def play(stages: Callable[[], Iterator[Stage]], reuse_s: float) -> list[StageResult]:
    """Every stage on a real server of its own among 10,000 enrolled people, with a new user each."""
    results = []
    with _desk(reuse_s) as desk:
        for number, stage in enumerate(stages()):
            result = _played(desk, stage, f"staged-{number:03d}", reuse_s)
            results.append(result)
            sign = "ok    " if result.is_as_wanted else "NOT SO"
            console.print(f"{sign} {stage.group}: {stage.name}: {in_words(result)}")
    return results


def in_words(result: StageResult) -> str:
    """What came of a stage, in one line."""
    said = result.refused
    if not said and result.wanted:
        frames = result.frames_to_action
        said = f"{result.outcome} at frame {frames}" if frames is not None else "no action that was wanted"
    elif not said:
        said = f"{result.staged_count} frames"
    actions = Counter(result.false_before) + Counter(result.wrong)
    return said + "".join(f", false {name} {count} times" for name, count in actions.items())


@contextmanager
def _desk(reuse_s: float) -> Iterator[Desk]:
    settings = {"FACEGATE_NIGHTLY__ENABLED": "false", "FACEGATE_PRESENCE__REUSE_S": str(reuse_s)}
    with tempfile.TemporaryDirectory() as folder:
        fill_gallery(Path(folder), synthetic_people("sface", PEOPLE))
        with running_server(Path(folder), cores=available_cores(), settings=settings) as server:
            yield Desk(server)


def _played(desk: Desk, stage: Stage, user_name: str, reuse_s: float) -> StageResult:
    enrolled = []
    try:
        for name, pictures in stage.others.items():
            desk.enrol(name, pictures)
            enrolled.append(name)
        with desk.user(user_name, stage.enrolled), desk.camera_of(user_name) as camera:
            before = [camera.show(picture) for picture in stage.before]
            staged: list[Heard] = []
            for picture in stage.staged:
                staged.append(camera.show(picture))
                if stage.wanted and _is_over(staged, stage.wanted):
                    break
    except NotEnrolled as refusal:
        return _result(stage, user_name, reuse_s, [], [], str(refusal))
    finally:
        for name in enrolled:
            desk.remove(name)
    return _result(stage, user_name, reuse_s, before, staged)


def _is_over(staged: Sequence[Heard], wanted: frozenset[str]) -> bool:
    """Some frames after the first action show whether it stays."""
    return any(heard.outcome in wanted for heard in staged[:-_AFTER_ACTION])


def _result(
    stage: Stage,
    user_name: str,
    reuse_s: float,
    before: Sequence[Heard],
    staged: Sequence[Heard],
    refused: str = "",
) -> StageResult:
    acted = next((n for n, heard in enumerate(staged) if heard.outcome in stage.wanted), None)
    first = None if acted is None else staged[acted]
    false = [heard for heard in staged if heard.outcome not in {NO_ACTION, *stage.wanted, *stage.tolerated}]
    tolerated = [heard for heard in staged if heard.outcome in stage.tolerated]
    times = [heard.sent_s for heard in (*before, *staged)]
    name = first.actual_username if first is not None else ""
    return StageResult(
        group=stage.group,
        name=stage.name,
        reuse_s=reuse_s,
        wanted=tuple(sorted(stage.wanted)),
        before_count=len(before),
        false_before=_counted(heard for heard in before if heard.outcome != NO_ACTION),
        staged_count=len(staged),
        frames_to_action=None if acted is None else acted + 1,
        seconds_to_action=None if first is None else round(first.sent_s - staged[0].sent_s, 2),
        outcome="" if first is None else first.outcome,
        actual_username="the user" if name == user_name else name,
        wanted_name=stage.wanted_name,
        findings=() if first is None else first.findings,
        wrong=_counted(iter(false)),
        wrong_findings=dict(Counter(found for heard in false for found in heard.findings[:1]).most_common(8)),
        tolerated=_counted(iter(tolerated)),
        later={} if acted is None else _counted(iter(staged[acted + 1 :])),
        interval_s=round(float(np.median(np.diff(times))), 3) if len(times) > 1 else 0.0,
        is_known_gap=stage.is_known_gap,
        refused=refused,
    )


def _counted(heard: Iterator[Heard]) -> Mapping[str, int]:
    return dict(Counter(one.outcome for one in heard).most_common())
