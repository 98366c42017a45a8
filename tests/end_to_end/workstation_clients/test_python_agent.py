"""The Python agent that is handed out, against a real server with real photos."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.clients.agents_at_work import Scene, Watched, register, settings_for, watch
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.end_to_end.test_main_job import self_signed
from tests.end_to_end.test_presence import NO_ACTION, USER, outcome
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera

from facegate.adapters.model_files import CachedModelFiles
from facegate_workstation import Action, EndKind, Reason, State

pytestmark = pytest.mark.models


async def command(agent: Watched, server: ServerProcess, verb: str) -> None:
    def post() -> None:
        with server.client() as admin:
            admin.post(f"/v1/presence/clients/{USER}/{verb}").raise_for_status()

    agent.forget()
    await asyncio.to_thread(post)


def test_a_violation_an_administrator_and_another_agent(
    server: ServerProcess, real_pictures: RealPictures, camera: LiveCamera
) -> None:
    scene = Scene(camera)

    async def walk(agent: Watched) -> None:
        await agent.until_answer(Action.NONE, Reason.EMPTY)
        agent.forget()
        scene.instead = real_pictures.read("coffee.png")
        await agent.until(lambda told: [a.action for a in told.answers].count(Action.LOCK_SCREEN) >= 5)
        assert [(done.command, done.is_dry_run) for done in agent.hook_runs] == [(("lock the screen",), True)]
        agent.forget()
        scene.instead = None
        await agent.until_answer(Action.NONE, Reason.EMPTY)
        await command(agent, server, "pause")
        await agent.until_state(State.PAUSED)
        await command(agent, server, "resume")
        await agent.until_state(State.CONNECTED)
        await command(agent, server, "block")
        change = await agent.until_state(State.BLOCKED)
        assert "an administrator has blocked this client" in change.why
        assert change.retry_in_s is not None
        await command(agent, server, "unblock")
        await agent.until_answer(Action.NONE, Reason.EMPTY)
        agent.forget()
        with connected(server, USER) as other:
            assert outcome(await asyncio.to_thread(other.log_in)) == NO_ACTION
            change = await agent.until_state(State.STOPPED)
            assert "another" in change.why
            await asyncio.sleep(0.5)
            assert outcome(await asyncio.to_thread(other.show, scene.camera[7])) == NO_ACTION

    ending = watch(settings_for(server), scene, walk)
    assert ending is not None
    assert ending.kind is EndKind.REPLACED


def test_a_server_that_is_killed_is_found_again(
    tmp_path: Path, model_files: CachedModelFiles, real_pictures: RealPictures, camera: LiveCamera
) -> None:
    with running_server(tmp_path) as server:
        register(server, real_pictures)

        async def walk(agent: Watched) -> None:
            await agent.until_answer(Action.NONE, Reason.EMPTY)
            agent.forget()
            await asyncio.to_thread(server.kill)
            await agent.until(lambda told: len([c for c in told.changes if c.retry_in_s]) >= 3)
            waits_s = [change.retry_in_s for change in agent.changes if change.retry_in_s][:4]
            assert waits_s == sorted(waits_s)
            assert agent.agent.state is State.CONNECTING
            agent.forget()
            await asyncio.to_thread(server.start)
            await agent.until_answer(Action.NONE, Reason.EMPTY)
            agent.forget()
            server.signal(signal.SIGTERM)
            change = await agent.until_state(State.CONNECTING)
            assert "stopping" in change.why

        watch(settings_for(server), Scene(camera), walk)


def test_tls_and_tokens(
    tmp_path: Path, model_files: CachedModelFiles, real_pictures: RealPictures, camera: LiveCamera
) -> None:
    certificate, key = self_signed(tmp_path)
    environ = {
        "FACEGATE_SERVER__TLS_CERTIFICATE_FILE": str(certificate),
        "FACEGATE_SERVER__TLS_KEY_FILE": str(key),
        "FACEGATE_ACCESS__TRUST_LOOPBACK": "false",
    }
    server = ServerProcess(tmp_path, environ, scheme="https")
    try:
        server.start()
        token = register(server, real_pictures, with_token=True)
        scene = Scene(camera)
        secure = {"server": f"wss://localhost:{server.port}", "ca_file": certificate}

        async def is_let_in(agent: Watched) -> None:
            await agent.until_answer(Action.NONE, Reason.EMPTY)

        def is_told(state: State, words: str) -> Callable[[Watched], Awaitable[None]]:
            async def walk(agent: Watched) -> None:
                assert words in (await agent.until_state(state)).why

            return walk

        watch(settings_for(server, **secure, token=token, door_token=server.token), scene, is_let_in)
        refused = is_told(State.REJECTED, "HTTP 403")
        watch(settings_for(server, **secure, token=token), scene, refused)
        wrong_token = settings_for(server, **secure, token="fg_wrong", door_token=server.token)
        watch(wrong_token, scene, is_told(State.REJECTED, "wrong token"))
        distrusted = settings_for(server, **{**secure, "ca_file": None})
        watch(distrusted, scene, is_told(State.CONNECTING, "CERTIFICATE_VERIFY_FAILED"))
    finally:
        server.kill()
