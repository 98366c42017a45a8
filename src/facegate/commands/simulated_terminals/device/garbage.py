"""What no server should fall over: broken, odd and hostile frames."""

import random

Frame = str | bytes

_FRAMES: tuple[Frame, ...] = (
    "",
    "   ",
    "hello",
    "{",
    '{"cmd":"sendlog","record":[{"enrollid":1,',
    "[]",
    '[{"cmd":"reg"}]',
    "null",
    "0",
    '"reg"',
    "{}",
    '{"sn":"X"}',
    '{"cmd":null}',
    '{"cmd":7}',
    '{"cmd":{"cmd":"reg"}}',
    '{"ret":null,"result":true}',
    '{"ret":"neverasked","result":true}',
    '{"ret":"getuserlist","result":"yes","record":"none"}',
    '{"cmd":"nosuchword","x":NaN}',
    '{"cmd":"nosuchword","x":1e999}',
    '{"cmd":"nosuchword","x":' + "9" * 5000 + "}",
    '{"cmd":"nosuchword","x":"\\ud800"}',
    "[" * 5000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    b"\x00\x01\x02\xff",
    b"",
)

_BROKEN_MESSAGES: tuple[Frame, ...] = (
    '{"cmd":"sendlog","count":1,"record":null}',
    '{"cmd":"sendlog","count":1,"record":[null]}',
    '{"cmd":"sendlog","count":1,"record":["x",7,[]]}',
    '{"cmd":"sendlog","count":-1,"record":[{"enrollid":"one","time":7}]}',
    '{"cmd":"senduser","enrollid":[],"backupnum":{},"record":false}',
)
"""Their answers look like answers to good messages, so no terminal that waits for one sends them."""


def some_garbage(chance: random.Random) -> Frame:
    """A frame to which no terminal takes any answer for its own."""
    return chance.choice(_FRAMES)


def all_garbage() -> tuple[Frame, ...]:
    """Every frame, broken messages of known words too."""
    return _FRAMES + _BROKEN_MESSAGES
