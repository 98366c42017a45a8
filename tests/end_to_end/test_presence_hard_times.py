"""kill -9 under load, agents that reconnect, a flood and a slow client beside workstations that work."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.end_to_end.test_presence import NO_ACTION, USER, enrol, outcome
from tests.end_to_end.workstation import connected
from tests.real_pictures import RealPictures
from tests.real_video import LiveCamera, moving_person_jpegs
from websockets.exceptions import ConnectionClosed

from facegate.adapters.model_files import CachedModelFiles

pytestmark = [pytest.mark.models, pytest.mark.slow]

CLIENT_COUNT = 12
GREATEST_BACKOFF_S = 2.0


class Agent(threading.Thread):
    """Sends frame after frame; after a lost connection it comes back, later each time."""

    def __init__(self, server: ServerProcess, user_name: str, frames: list[bytes]) -> None:
        super().__init__(name=user_name)
        self._server = server
        self._user_name = user_name
        self._frames = frames
        self.is_stopping = threading.Event()
        self.answers: Counter[str] = Counter()
        self.connection_count = 0

    def run(self) -> None:
        backoff_s = 0.05
        while not self.is_stopping.is_set():
            try:
                with connected(self._server, self._user_name) as workstation:
                    self.connection_count += 1
                    for frame in self._frames:
                        if self.is_stopping.is_set():
                            return
                        answer = workstation.show(frame)
                        self.answers[answer["reason"]] += 1
                        backoff_s = 0.05
            except (ConnectionClosed, OSError, TimeoutError):
                time.sleep(backoff_s)
                backoff_s = min(GREATEST_BACKOFF_S, 2 * backoff_s)


@contextmanager
def agents_at_work(server: ServerProcess, names: list[str], frames: list[bytes]) -> Iterator[list[Agent]]:
    agents = [Agent(server, name, frames[number:] + frames[:number]) for number, name in enumerate(names)]
    for agent in agents:
        agent.start()
    try:
        yield agents
    finally:
        for agent in agents:
            agent.is_stopping.set()
        for agent in agents:
            agent.join(60)


def wait_until_all_answered(agents: list[Agent], count: int) -> None:
    end_s = time.monotonic() + 60
    while any(agent.answers.total() < count for agent in agents):
        assert time.monotonic() < end_s, [agent.answers for agent in agents]
        time.sleep(0.05)


def test_kill_9_under_load_loses_no_registration_and_no_block(
    tmp_path: Path, model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    frames = moving_person_jpegs(real_pictures)
    names = [f"user {number}" for number in range(CLIENT_COUNT)]
    with running_server(tmp_path) as server:
        with server.client() as admin:
            for name in [*names, "blocked one"]:
                enrol(admin, name, frames[0])
                admin.post("/v1/presence/clients", json={"user_name": name}).raise_for_status()
            admin.post("/v1/presence/clients/blocked one/block").raise_for_status()
        with agents_at_work(server, names, frames) as agents:
            wait_until_all_answered(agents, 3)
            with server.client() as admin:
                admin.post(f"/v1/presence/clients/{names[0]}/pause").raise_for_status()
            server.kill()
            before = [agent.answers.total() for agent in agents]
            server.start()
            end_s = time.monotonic() + 60
            while any(agent.answers.total() < count + 3 for agent, count in zip(agents, before, strict=True)):
                assert time.monotonic() < end_s
                time.sleep(0.05)
        assert all(agent.connection_count >= 2 for agent in agents)
        assert all("REASON_CLIENT_NOT_AVAILABLE" not in agent.answers for agent in agents)
        with server.client() as admin:
            listed = admin.get("/v1/presence/clients", params={"limit": 100}).raise_for_status()
        status = {client["client_id"]: client["status"] for client in listed.json()["clients"]}
        assert status == {**dict.fromkeys(names, "active"), names[0]: "paused", "blocked one": "blocked"}
        with connected(server, "blocked one") as turned_away:
            assert turned_away.log_in()["reason"] == "REASON_BLOCKED_CLIENT"


def test_a_flood_and_a_silent_client_leave_the_others_alone(
    tmp_path: Path, model_files: CachedModelFiles, real_pictures: RealPictures
) -> None:
    frames = moving_person_jpegs(real_pictures)
    settings = {"FACEGATE_PRESENCE__FIRST_FRAME_TIMEOUT_S": "2"}
    with running_server(tmp_path, **settings) as server:
        with server.client() as admin:
            for name in (USER, "flood"):
                enrol(admin, name, frames[0])
                admin.post("/v1/presence/clients", json={"user_name": name}).raise_for_status()
        with (
            connected(server, USER) as good,
            connected(server, "silent") as silent,
            connected(server, "flood") as flood,
        ):
            flood.log_in()
            sender = threading.Thread(target=flood.send_many, args=(frames, 400))
            sender.start()
            answers = Counter(outcome(good.show(frame)) for frame in LiveCamera(real_pictures)[:40])
            sender.join(120)
            assert answers == {NO_ACTION: 40}
            assert silent.close_code() is not None
            with server.client() as admin:
                sessions = admin.get("/v1/presence/sessions").raise_for_status().json()["sessions"]
            counts = {session["client_id"]: session for session in sessions}
            assert counts["flood"]["superseded_count"] > 0
            assert counts[USER]["superseded_count"] == 0
