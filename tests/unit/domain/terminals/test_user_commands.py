"""Commands about people: what goes out, and what never does."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.errors import InvalidInput
from facegate.domain.terminals import user_commands as commands
from facegate.domain.terminals.commands import spec_of
from facegate.domain.terminals.photos import MAX_PHOTO_BYTES, decode_photo, encode_photo
from facegate.domain.terminals.user_commands import UserCredential, UserLock

JPEG = b"\xff\xd8\xff\xe0 a photo"
PNG = b"\x89PNG\r\n\x1a\n a photo"


def test_each_credential_has_its_form() -> None:
    sent = [
        commands.set_user(credential).body()
        for credential in (
            commands.photo_credential(6, " Ana ", JPEG),
            commands.password_credential(6, "Ana", 1234, role=1),
            commands.card_credential(6, "Ana", 2352253),
            commands.no_credential(6, "Ana"),
            UserCredential(6, "Ana", 3, "c51a(5)00"),
        )
    ]
    person = {"cmd": "setuserinfo", "enrollid": 6, "name": "Ana", "admin": 0}
    photo = base64.b64encode(JPEG).decode()
    assert sent == [
        {**person, "backupnum": 50, "record": photo},
        {**person, "backupnum": 10, "record": 1234, "admin": 1},
        {**person, "backupnum": 11, "record": 2352253},
        {**person, "backupnum": 0, "record": "0"},
        {**person, "backupnum": 3, "record": "c51a(5)00"},
    ]


def test_the_reference_examples_go_out_as_they_stand() -> None:
    assert commands.get_user(6, 50).body() == {"cmd": "getuserinfo", "enrollid": 6, "backupnum": 50}
    assert commands.get_user(6).body() == {"cmd": "getuserinfo", "enrollid": 6}
    assert commands.delete_user(6).body() == {"cmd": "deleteuser", "enrollid": 6, "backupnum": 13}
    assert commands.enable_user(6, is_enabled=False).body() == {
        "cmd": "enableuser",
        "enrollid": 6,
        "enflag": 0,
    }
    assert commands.start_enrolment(9).body() == {
        "cmd": "adduser",
        "enrollid": 9,
        "backupnum": 50,
        "admin": 0,
    }
    (names,) = commands.set_user_names({1: "Ana", 2: "Bo"})
    assert names.body() == {
        "cmd": "setusername",
        "count": 2,
        "record": [{"enrollid": 1, "name": "Ana"}, {"enrollid": 2, "name": "Bo"}],
    }
    (lock,) = commands.set_user_locks([UserLock(1, (1, 2), 0, "2026-01-01 00:00:00", "2030-01-01 00:00:00")])
    assert lock.fields["record"] == [
        {
            "enrollid": 1,
            "weekzone": 1,
            "weekzone2": 2,
            "group": 0,
            "starttime": "2026-01-01 00:00:00",
            "endtime": "2030-01-01 00:00:00",
        }
    ]


def test_a_lock_sends_only_what_is_given() -> None:
    (lock,) = commands.set_user_locks([UserLock(1, group=3)])
    assert lock.fields == {"count": 1, "record": [{"enrollid": 1, "group": 3}]}


@given(count=st.integers(0, 130))
def test_long_lists_are_split_as_terminals_take_them(count: int) -> None:
    names = {number: f"n{number}" for number in range(1, count + 1)}
    batches = commands.set_user_names(names)
    records = [record for batch in batches for record in batch.fields["record"]]  # type: ignore[attr-defined]
    assert {record["enrollid"]: record["name"] for record in records} == names
    assert all(0 < len(batch.fields["record"]) <= 50 for batch in batches)  # type: ignore[arg-type]
    assert all(batch.fields["count"] == len(batch.fields["record"]) for batch in batches)  # type: ignore[arg-type]
    locks = commands.set_user_locks([UserLock(number, group=1) for number in names])
    assert [batch.fields["count"] for batch in locks] == [
        min(40, count - start) for start in range(0, count, 40)
    ]


@pytest.mark.parametrize("enroll_id", [0, -1, 99_999_999, 10**12])
def test_reserved_and_impossible_numbers_are_refused(enroll_id: int) -> None:
    for make in (commands.get_user, commands.delete_user, commands.get_user_name, commands.get_user_lock):
        with pytest.raises(InvalidInput):
            make(enroll_id)


@pytest.mark.parametrize(
    "credential",
    [
        UserCredential(1, "Ana", 10, "1234"),
        UserCredential(1, "Ana", 10, 123456789),
        UserCredential(1, "Ana", 10, True),
        UserCredential(1, "Ana", 11, -1),
        UserCredential(1, "Ana", 50, 7),
        UserCredential(1, "Ana", 50, ""),
        UserCredential(1, "Ana", 0, "\u00e9"),
        UserCredential(1, "Ana", 0, "x" * 20_000),
        UserCredential(1, "Ana", 13, "0"),
        UserCredential(1, "Ana", 12, "0"),
        UserCredential(1, "Ana\0", 0, "0"),
        UserCredential(1, "Ana", 0, "0", role=3),
        UserCredential(0, "Ana", 0, "0"),
    ],
    ids=str,
)
def test_what_no_terminal_takes_is_not_sent(credential: UserCredential) -> None:
    with pytest.raises(InvalidInput):
        commands.set_user(credential)


def test_secrets_are_in_no_text_of_ours() -> None:
    credential = commands.password_credential(6, "Ana", 87654321)
    command = commands.set_user(credential)
    assert "87654321" not in repr(credential) + repr(command)
    with pytest.raises(InvalidInput) as caught:
        commands.set_user(commands.password_credential(6, "Ana", 987654321))
    assert "987654321" not in caught.value.message


def test_a_long_wait_is_allowed_for_photos() -> None:
    command = commands.set_user(commands.photo_credential(6, "Ana", JPEG))
    assert command.timeout_s == spec_of("setuserinfo").timeout_s == 30


def test_profiles_are_bounded_in_bytes() -> None:
    assert commands.set_user_profile("\u00e9" * 100).body() == {
        "cmd": "setuserprofile",
        "enrollid": 0,
        "profile": "\u00e9" * 100,
    }
    with pytest.raises(InvalidInput):
        commands.set_user_profile("\u00e9" * 101, 6)
    assert commands.get_user_profile(6).fields == {"enrollid": 6}


@given(photo=st.sampled_from([JPEG, PNG]), tail=st.binary(max_size=50))
def test_photos_come_back_as_they_went(photo: bytes, tail: bytes) -> None:
    encoded = encode_photo(photo + tail)
    assert decode_photo(encoded) == photo + tail
    assert decode_photo("data:image/jpeg;base64," + encoded) == photo + tail
    assert decode_photo(encoded.rstrip("=")) == photo + tail


@pytest.mark.parametrize("value", [None, "", 7, "not base64!", base64.b64encode(b"GIF89a").decode()])
def test_what_is_no_photo_is_none(value: object) -> None:
    assert decode_photo(value) is None


@pytest.mark.parametrize(
    "photo", [b"", b"GIF89a", JPEG + bytes(MAX_PHOTO_BYTES)], ids=["empty", "gif", "huge"]
)
def test_only_photos_go_out(photo: bytes) -> None:
    with pytest.raises(InvalidInput):
        encode_photo(photo)
