"""People on one terminal: who is there, what is known of them, setting and deleting them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from facegate.domain.errors import CommandTimedOut, TerminalRefused
from facegate.domain.terminals import user_commands as commands
from facegate.domain.terminals.commands import CommandReply, DeviceCommand
from facegate.domain.terminals.enrolments import PHOTO_BACKUP_NUMBER
from facegate.domain.terminals.photos import decode_photo
from facegate.domain.terminals.refusals import check_reply, has_no_data
from facegate.domain.terminals.terminal_users import (
    HeldCredential,
    TerminalUser,
    merge_users,
    parse_credential,
    parse_user_name,
)
from facegate.domain.terminals.user_commands import UserCredential, UserLock
from facegate.use_cases.terminals.pages import ReadPages
from facegate.use_cases.terminals.send_command import SendCommand


@dataclass(frozen=True, slots=True)
class UsersRead:
    """Who is on a terminal; not `is_complete` when the terminal fell silent in the middle or has too many."""

    users: Sequence[TerminalUser]
    is_complete: bool


class TerminalUsers:
    """Typed calls about people. On the event loop only.

    All raise what SendCommand raises, InvalidInput for parameters that no terminal takes, and TerminalRefused
    when the terminal says no.
    """

    def __init__(self, send: SendCommand, pages: ReadPages) -> None:
        self._send = send
        self._pages = pages

    async def read_users(self, serial_number: str) -> UsersRead:
        """Everybody on the terminal, as far as it tells: one per person, in order of their numbers."""
        read = await self._pages.read(serial_number, "getuserlist")
        return UsersRead(merge_users(read.rows), read.is_complete)

    async def list_users(self, serial_number: str) -> list[TerminalUser]:
        """Everybody on the terminal.

        Raises:
            CommandTimedOut: the terminal did not give the list to its end; `read_users` has what it gave.
        """
        read = await self.read_users(serial_number)
        if not read.is_complete:
            raise CommandTimedOut("the terminal did not give its list to the end: try again")
        return list(read.users)

    async def get_user(
        self, serial_number: str, enroll_id: int, backup_number: int | None = None
    ) -> HeldCredential:
        """One credential, which may be a secret; without `backup_number` the terminal chooses."""
        reply = await self._do(serial_number, commands.get_user(enroll_id, backup_number))
        return parse_credential(enroll_id, reply)

    async def get_photo(self, serial_number: str, enroll_id: int) -> bytes | None:
        """The person's photo, JPEG or PNG; None when the terminal has none."""
        command = commands.get_user(enroll_id, PHOTO_BACKUP_NUMBER)
        reply = await self._send(serial_number, command)
        if has_no_data(reply):
            return None
        return decode_photo(check_reply(command.word, reply).get("record"))

    async def get_name(self, serial_number: str, enroll_id: int) -> str:
        """The person's name, which may be empty."""
        return parse_user_name(await self._do(serial_number, commands.get_user_name(enroll_id)))

    async def set_user(self, serial_number: str, credential: UserCredential) -> None:
        """Adds or replaces one credential of one person.

        A terminal can say yes to a photo and recognise nobody by it: `has_photo` asks.
        """
        await self._do(serial_number, commands.set_user(credential))

    async def has_photo(self, serial_number: str, enroll_id: int) -> bool:
        """Whether the terminal keeps a photo of this person."""
        try:
            return await self.get_photo(serial_number, enroll_id) is not None
        except TerminalRefused:
            return False

    async def set_names(self, serial_number: str, names: Mapping[int, str]) -> None:
        """Renames people, by their numbers."""
        for command in commands.set_user_names(names):
            await self._do(serial_number, command)

    async def enable(self, serial_number: str, enroll_id: int, *, is_enabled: bool) -> None:
        """Lets a person in or not, without deleting anything."""
        await self._do(serial_number, commands.enable_user(enroll_id, is_enabled=is_enabled))

    async def start_enrolment(
        self,
        serial_number: str,
        enroll_id: int,
        backup_number: int = PHOTO_BACKUP_NUMBER,
        *,
        role: int = 0,
    ) -> None:
        """The terminal asks the person to stand before it; the enrolment comes later by itself."""
        await self._do(serial_number, commands.start_enrolment(enroll_id, backup_number, role=role))

    async def user_lock(self, serial_number: str, enroll_id: int) -> CommandReply:
        """When and where the person may pass, as the terminal gives it."""
        return await self._do(serial_number, commands.get_user_lock(enroll_id))

    async def set_user_locks(self, serial_number: str, locks: Sequence[UserLock]) -> None:
        """Changes what is given of each."""
        for command in commands.set_user_locks(locks):
            await self._do(serial_number, command)

    async def delete_user_lock(self, serial_number: str, enroll_id: int) -> None:
        """The person may always pass again."""
        await self._do(serial_number, commands.delete_user_lock(enroll_id))

    async def delete_user(self, serial_number: str, enroll_id: int) -> None:
        """Deletes a person with every credential; see `delete_users`."""
        await self.delete_users(serial_number, [enroll_id])

    async def delete_users(self, serial_number: str, enroll_ids: Collection[int]) -> None:
        """Deletes people and looks whether they are gone; those who never were there are no error.

        Firmware disagrees on which number means everything, so the terminal's list decides: what "everything"
        spared is deleted by "all fingers" and "photo", then one by one.

        Raises:
            TerminalRefused: something is still there.
            CommandTimedOut: the terminal did not answer, or did not give its list to the end.
        """
        for enroll_id in enroll_ids:
            await self._delete(serial_number, enroll_id, commands.EVERYTHING_BACKUP_NUMBER)
        for numbers in ((commands.ALL_FINGERS_BACKUP_NUMBER, PHOTO_BACKUP_NUMBER), None):
            left = await self._left(serial_number, enroll_ids)
            for user in left:
                for backup_number in numbers or user.backup_numbers:
                    await self._delete(serial_number, user.enroll_id, backup_number)
            if not left:
                return
        if await self._left(serial_number, enroll_ids):
            raise TerminalRefused("the terminal still has credentials of a deleted person: delete them there")

    async def _left(self, serial_number: str, enroll_ids: Collection[int]) -> list[TerminalUser]:
        return [user for user in await self.list_users(serial_number) if user.enroll_id in enroll_ids]

    async def _delete(self, serial_number: str, enroll_id: int, backup_number: int) -> None:
        """A refusal is no error: the list tells afterwards what it was worth."""
        await self._send(serial_number, commands.delete_user(enroll_id, backup_number))

    async def _do(self, serial_number: str, command: DeviceCommand) -> CommandReply:
        return check_reply(command.word, await self._send(serial_number, command))
