"""People on a terminal: listing, reading, deleting whatever the firmware means by "everything"."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.command_buses import TestLink
from tests.fakes.paged_terminal import PagedTerminal
from tests.unit.use_cases.terminals.one_terminal import Wired, with_terminal

from facegate.domain.errors import CommandTimedOut, TerminalRefused
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.terminal_users import HeldCredential, TerminalUser
from facegate.domain.terminals.user_commands import UserLock, password_credential
from facegate.use_cases.terminals.users import TerminalUsers

JPEG = b"\xff\xd8\xff\xe0 a photo"


def users_of(wired: Wired) -> TerminalUsers:
    return TerminalUsers(wired.send, wired.pages)


def answering(*replies: CommandReply) -> TestLink:
    waiting = list(replies)

    async def answer(_: DeviceCommand) -> CommandReply:
        return waiting.pop(0)

    return TestLink("A1", answer)


def test_people_are_listed_once_each_over_all_pages() -> None:
    terminal = PagedTerminal(users={number: {10, 50} for number in range(1, 8)}, page_size=3)

    async def scenario(wired: Wired) -> None:
        listed = await users_of(wired).list_users("A1")
        assert listed == [TerminalUser(number, 0, (10, 50)) for number in range(1, 8)]

    with_terminal(terminal, scenario)


def test_a_list_that_breaks_off_is_no_list() -> None:
    terminal = PagedTerminal(
        users={number: {50} for number in range(1, 8)},
        troubles={1: CommandTimedOut("silent"), 3: CommandTimedOut("silent")},
    )

    async def scenario(wired: Wired) -> None:
        with pytest.raises(CommandTimedOut, match="to the end"):
            await users_of(wired).list_users("A1")
        read = await users_of(wired).read_users("A1")
        assert (len(read.users), read.is_complete) == (4, False)

    with_terminal(terminal, scenario)


@given(
    users=st.dictionaries(
        st.integers(1, 20), st.sets(st.sampled_from([0, 1, 9, 10, 11, 20, 31, 50]), min_size=1), max_size=8
    ),
    wanted=st.sets(st.integers(1, 20), max_size=5),
    spared=st.frozensets(st.sampled_from([0, 1, 9, 10, 11, 20, 31, 50])),
    unknown=st.frozensets(st.sampled_from([12, 13])),
)
def test_deleted_people_are_gone_and_others_untouched(
    users: dict[int, set[int]], wanted: set[int], spared: frozenset[int], unknown: frozenset[int]
) -> None:
    kept = {enroll_id: set(numbers) for enroll_id, numbers in users.items() if enroll_id not in wanted}
    terminal = PagedTerminal(users=users, spared=spared, unknown_numbers=unknown)

    async def scenario(wired: Wired) -> None:
        await users_of(wired).delete_users("A1", wanted)
        assert terminal.users == kept

    with_terminal(terminal, scenario)


def test_a_person_goes_in_one_step_where_everything_means_everything() -> None:
    terminal = PagedTerminal(users={6: {10, 50}, 7: {50}})

    async def scenario(wired: Wired) -> None:
        await users_of(wired).delete_user("A1", 6)
        assert terminal.words() == ["deleteuser", "getuserlist", "getuserlist"]

    with_terminal(terminal, scenario)


def test_fingers_and_photo_come_before_the_single_credentials() -> None:
    terminal = PagedTerminal(users={6: {1, 11, 50}}, spared=frozenset({1, 11, 50}))

    async def scenario(wired: Wired) -> None:
        await users_of(wired).delete_user("A1", 6)
        deleted = [one.fields["backupnum"] for one in terminal.commands if one.word == "deleteuser"]
        assert deleted == [13, 12, 50, 11]

    with_terminal(terminal, scenario)


def test_what_cannot_be_deleted_is_an_error() -> None:
    terminal = PagedTerminal(users={6: {10}}, unknown_numbers=frozenset(range(100)))

    async def scenario(wired: Wired) -> None:
        with pytest.raises(TerminalRefused, match="still"):
            await users_of(wired).delete_user("A1", 6)

    with_terminal(terminal, scenario)


def test_whether_somebody_is_gone_is_not_guessed_from_half_a_list() -> None:
    terminal = PagedTerminal(
        users={number: {50} for number in range(1, 8)}, troubles={2: CommandTimedOut("silent")}
    )

    async def scenario(wired: Wired) -> None:
        with pytest.raises(CommandTimedOut):
            await users_of(wired).delete_user("A1", 7)

    with_terminal(terminal, scenario)


def test_photos_are_told_from_no_photo_and_no_person() -> None:
    photo = {"ret": "getuserinfo", "result": True, "record": base64.b64encode(JPEG).decode()}
    no_data = {"ret": "getuserinfo", "result": False, "reason": 1, "msg": "have no data"}
    nobody = {"ret": "getuserinfo", "result": False, "reason": 1, "msg": "can not find the user"}
    junk = {"ret": "getuserinfo", "result": True, "record": "0"}
    link = answering(photo, no_data, junk, nobody, photo, nobody, no_data)

    async def scenario(wired: Wired) -> None:
        users = users_of(wired)
        assert [await users.get_photo("A1", 6) for _ in range(3)] == [JPEG, None, None]
        with pytest.raises(TerminalRefused, match="can not find the user"):
            await users.get_photo("A1", 6)
        assert [await users.has_photo("A1", 6) for _ in range(3)] == [True, False, False]
        assert {one.fields["backupnum"] for one in link.commands} == {50}

    with_terminal(link, scenario)


def test_credentials_and_names_are_read() -> None:
    link = answering(
        {"ret": "getuserinfo", "result": True, "name": "Ana", "backupnum": 11, "admin": "1", "record": 77},
        {"ret": "getusername", "result": True, "record": "Ana"},
        {"ret": "getuserlock", "result": True, "group": 2},
    )

    async def scenario(wired: Wired) -> None:
        users = users_of(wired)
        assert await users.get_user("A1", 6, 11) == HeldCredential(6, "Ana", 11, 1, "", 77)
        assert await users.get_name("A1", 6) == "Ana"
        assert (await users.user_lock("A1", 6))["group"] == 2

    with_terminal(link, scenario)


def test_changes_go_out_one_after_the_other() -> None:
    link = TestLink("A1")

    async def scenario(wired: Wired) -> None:
        users = users_of(wired)
        await users.set_user("A1", password_credential(6, "Ana", 1234))
        await users.set_names("A1", dict.fromkeys(range(1, 61), "n"))
        await users.enable("A1", 6, is_enabled=True)
        await users.start_enrolment("A1", 9)
        await users.set_user_locks("A1", [UserLock(6, group=1)])
        await users.delete_user_lock("A1", 6)
        assert [command.word for command in link.commands] == [
            "setuserinfo",
            "setusername",
            "setusername",
            "enableuser",
            "adduser",
            "setuserlock",
            "deleteuserlock",
        ]

    with_terminal(link, scenario)


def test_a_refused_change_is_an_error() -> None:
    link = answering({"ret": "setuserinfo", "result": False, "reason": 5})

    async def scenario(wired: Wired) -> None:
        with pytest.raises(TerminalRefused) as caught:
            await users_of(wired).set_user("A1", password_credential(6, "Ana", 1234))
        assert caught.value.reason == "5"
        assert "1234" not in caught.value.message

    with_terminal(link, scenario)
