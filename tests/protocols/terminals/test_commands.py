"""Commands to one terminal: whose answer is whose, without ids."""

from collections.abc import Iterable

from facegate.domain.errors import CommandTimedOut, EngineOverloaded, FacegateError, TerminalOffline
from facegate.domain.terminals.commands import DeviceCommand
from facegate.frontends.terminals.command_queue import FENCE_WORDS, CommandQueue
from facegate.frontends.terminals.effects import Effect, Finish, Note, NoteKind, Send
from facegate.frontends.terminals.states import ConnectionLimits

LIMITS = ConnectionLimits(max_waiting_commands=2, same_word_pause_s=0.1, late_answer_s=60.0)


def an_open_queue() -> CommandQueue:
    queue = CommandQueue(LIMITS)
    queue.open(0.0)
    return queue


def words_of(effects: Iterable[Effect]) -> list[object]:
    return [effect.message["cmd"] for effect in effects if isinstance(effect, Send)]


def outcomes_of(effects: Iterable[Effect]) -> dict[int, object]:
    return {
        effect.call_id: type(effect.outcome) if isinstance(effect.outcome, FacegateError) else effect.outcome
        for effect in effects
        if isinstance(effect, Finish)
    }


def command(word: str, timeout_s: float = 10.0, **fields: object) -> DeviceCommand:
    return DeviceCommand(word, fields, timeout_s)


def test_one_after_the_other() -> None:
    queue = an_open_queue()
    assert words_of(queue.add(1, command("getdevinfo"), 0.0)) == ["getdevinfo"]
    assert queue.add(2, command("opendoor"), 0.0) == []
    assert queue.pending_count == 2
    effects = queue.answered("getdevinfo", {"volume": 6}, 1.0)
    assert outcomes_of(effects) == {1: {"volume": 6}}
    assert words_of(effects) == ["opendoor"]


def test_too_many() -> None:
    queue = an_open_queue()
    queue.add(1, command("getdevinfo"), 0.0)
    queue.add(2, command("getdevinfo"), 0.0)
    assert outcomes_of(queue.add(3, command("getdevinfo"), 0.0)) == {3: EngineOverloaded}


def test_the_time_out_counts_from_the_call() -> None:
    queue = an_open_queue()
    queue.add(1, command("getdevinfo", 10.0), 0.0)
    queue.add(2, command("opendoor", 3.0), 0.0)
    assert queue.next_deadline_s == 3.0
    assert outcomes_of(queue.tick(3.0)) == {2: CommandTimedOut}
    assert outcomes_of(queue.tick(10.0)) == {1: CommandTimedOut}
    assert queue.next_deadline_s is None


def test_fences_are_words_that_are_not_waited_for_themselves() -> None:
    queue = an_open_queue()
    now_s = 0.0
    asked = []
    for call_id in range(1, 5):
        asked += words_of(queue.add(call_id, command("gettime", 11.0), now_s))
        now_s += 10.0
        asked += words_of(queue.tick(now_s))
        now_s += 1.0
        asked += words_of(queue.tick(now_s))
    # gettime itself, a fence before the second, another before the third, and nothing is left for the fourth.
    assert asked == ["gettime", "getdevlock", "getdevinfo"]
    assert set(asked) == set(FENCE_WORDS)


def test_a_terminal_that_answered_nothing_is_asked_again_after_a_while() -> None:
    queue = an_open_queue()
    for word in FENCE_WORDS:
        queue.add(1, command(word, 1.0), 0.0)
        queue.tick(1.0)
    assert queue.add(2, command("gettime", 100.0), 1.0) == []
    assert queue.next_deadline_s == 61.0
    assert words_of(queue.tick(61.0)) == ["gettime"]


def test_what_was_asked_before_the_end_may_still_be_answered() -> None:
    """A terminal that was turned away and let in again on the same connection."""
    queue = an_open_queue()
    queue.add(1, command("getusername", enrollid=4), 0.0)
    assert outcomes_of(queue.close("over", 1.0)) == {1: TerminalOffline}
    assert outcomes_of(queue.add(2, command("gettime"), 1.0)) == {2: TerminalOffline}
    queue.open(2.0)
    assert words_of(queue.add(3, command("getusername", enrollid=5), 2.0)) == ["gettime"]
    assert queue.answered("getusername", {"record": "Ana"}, 2.0) == [
        Note(NoteKind.LATE_ANSWER, "getusername")
    ]


def test_an_answer_to_a_later_command_says_that_none_is_to_come() -> None:
    queue = an_open_queue()
    queue.add(1, command("opendoor", 1.0), 0.0)
    queue.tick(1.0)
    assert words_of(queue.add(2, command("getdevlock"), 1.0)) == ["getdevlock"]
    queue.answered("getdevlock", {}, 2.0)
    assert words_of(queue.add(3, command("opendoor"), 2.0)) == ["opendoor"]


def test_the_echo_has_to_fit() -> None:
    queue = an_open_queue()
    queue.add(1, command("getuserinfo", enrollid=4, backupnum=50), 0.0)
    for wrong in ({"enrollid": 5}, {"enrollid": 4, "backupnum": 11}, {"enrollid": "x"}):
        assert queue.answered("getuserinfo", wrong, 0.0) == [Note(NoteKind.UNASKED_ANSWER, "getuserinfo")]
    right = {"enrollid": "4", "backupnum": 50.0}
    assert outcomes_of(queue.answered("getuserinfo", right, 0.0)) == {1: right}


def test_what_nobody_waits_for_is_not_sent_and_its_answer_goes_nowhere() -> None:
    queue = an_open_queue()
    queue.add(1, command("getdevinfo"), 0.0)
    queue.add(2, command("opendoor"), 0.0)
    queue.withdraw(2)
    queue.withdraw(1)
    assert queue.pending_count == 0
    assert queue.answered("getdevinfo", {}, 1.0) == []
    assert queue.add(3, command("gettime"), 1.0) == [Send({"cmd": "gettime"}, 3)]


def test_a_restart_is_done_when_it_is_written() -> None:
    queue = an_open_queue()
    queue.add(1, command("reboot"), 0.0)
    assert queue.is_done_when_written(1)
    assert not queue.is_done_when_written(2)
    other = an_open_queue()
    other.add(1, command("gettime"), 0.0)
    assert not other.is_done_when_written(1)
