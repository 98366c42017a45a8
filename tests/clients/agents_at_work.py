"""An agent beside a real server: what it sees, what it told, and how a test waits for what follows."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.end_to_end.server_process import ServerProcess
from tests.end_to_end.test_presence import USER, enrol
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera, moving_person_jpegs

from facegate_workstation import (
    Action,
    Answer,
    Backoff,
    Ending,
    HookCommands,
    HookRun,
    Hooks,
    Reason,
    State,
    StateChange,
    Workstation,
    WorkstationSettings,
)

COMMANDS = HookCommands(lock=(("lock the screen",),), sign_out=(("sign out",),))


def register(server: ServerProcess, pictures: RealPictures, **fields: object) -> str | None:
    with server.client() as admin:
        enrol(admin, USER, moving_person_jpegs(pictures)[0])
        made = admin.post("/v1/presence/clients", json={"user_name": USER, **fields}).raise_for_status()
        token: str | None = made.json().get("token")
        return token


def written(folder: Path, pictures: list[bytes]) -> Path:
    """A new folder of these pictures, in order."""
    folder.mkdir()
    for number, picture in enumerate(pictures):
        (folder / f"{number:03}.jpg").write_bytes(picture)
    return folder


@dataclass
class Scene:
    """What stands before the camera: the user, until something else is put there."""

    camera: LiveCamera
    instead: bytes | None = None
    count: int = 0

    async def open(self) -> None: ...

    async def newest(self) -> bytes | None:
        self.count += 1
        return self.instead or self.camera[self.count % len(self.camera)]

    def make_smaller(self) -> bool:
        return False

    async def close(self) -> None: ...


@dataclass
class Watched:
    """An agent at work and what it told."""

    agent: Workstation
    answers: list[Answer] = field(default_factory=list)
    changes: list[StateChange] = field(default_factory=list)
    hook_runs: list[HookRun] = field(default_factory=list)

    def forget(self) -> None:
        """What was told before this counts no more: call it before what is to be answered."""
        self.answers.clear()
        self.changes.clear()
        self.hook_runs.clear()

    async def until(self, is_so: Callable[["Watched"], bool]) -> None:
        """Waits for what the agent tells."""
        async with asyncio.timeout(90):
            while not is_so(self):  # noqa: ASYNC110 - what is waited for is the test's
                await asyncio.sleep(0.02)

    async def until_answer(self, action: Action, reason: Reason) -> None:
        await self.until(lambda told: any((a.action, a.reason) == (action, reason) for a in told.answers))

    async def until_state(self, state: State) -> StateChange:
        await self.until(lambda told: any(change.state is state for change in told.changes))
        return next(change for change in self.changes if change.state is state)


def watch(
    settings: WorkstationSettings, scene: Scene, walk: Callable[[Watched], Awaitable[None]]
) -> Ending | None:
    """Runs an agent beside a test's walk, stops it, gives its ending."""

    async def run() -> Ending | None:
        backoff = Backoff(first_s=0.2, longest_s=2, asks_human_s=0.5)
        watched: Watched
        agent = Workstation(
            settings,
            scene,
            hooks=Hooks(COMMANDS),
            backoff=backoff,
            on_action=lambda answer: watched.answers.append(answer),
            on_state=lambda change: watched.changes.append(change),
            on_hook=lambda done: watched.hook_runs.append(done),
        )
        watched = Watched(agent)
        working = asyncio.create_task(agent.run())
        try:
            await walk(watched)
        finally:
            agent.stop()
            ending = await working
        return ending

    return asyncio.run(run())


def settings_for(at: ServerProcess, **others: object) -> WorkstationSettings:
    told: dict[str, Any] = {"server": f"ws://127.0.0.1:{at.port}", "user": USER, "frames_per_s": 5.0}
    return WorkstationSettings(**{**told, **others})
