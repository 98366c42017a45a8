"""kill -9 in the middle of enrolments, too many requests at once, bad pictures, a stop under load."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import httpx
import pytest
from tests.end_to_end.photos import small
from tests.end_to_end.server_process import ServerProcess, running_server
from tests.real_pictures import RealPictures

from facegate.adapters.model_files import CachedModelFiles

pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _models_are_ready(model_files: CachedModelFiles) -> None:
    """The server may not fetch: the models have to be in the cache."""


@pytest.fixture
def photo(real_pictures: RealPictures) -> bytes:
    return small(real_pictures.read("biden.jpg"))


CLIENT_COUNT = 4


class Enrolling:
    """Threads that enrol one person after the other and remember what was acknowledged."""

    def __init__(self, server: ServerProcess, photo: bytes, first_number: int) -> None:
        self.server = server
        self._photo = photo
        self._numbers = count(first_number)
        self._lock = threading.Lock()
        self.acknowledged: set[str] = set()

    def run(self) -> None:
        with self.server.client() as client:
            while True:
                with self._lock:
                    subject_id = f"person {next(self._numbers)}"
                try:
                    answer = client.post(
                        "/v1/enrol", data={"subject_id": subject_id}, files={"image": ("p.jpg", self._photo)}
                    )
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    with self._lock:
                        self.acknowledged.add(subject_id)


def listed_subjects(client: httpx.Client) -> Iterator[str]:
    after: str | None = None
    while True:
        parameters: dict[str, str | int] = {"limit": 100, **({"after": after} if after else {})}
        answer = client.get("/v1/subjects", params=parameters).json()
        page = [subject["subject_id"] for subject in answer["subjects"]]
        if not page:
            return
        yield from page
        after = page[-1]


def test_a_killed_server_loses_nothing_that_it_acknowledged(tmp_path: Path, photo: bytes) -> None:
    enrolment_count, kill_count = 1_000, 4
    acknowledged: set[str] = set()
    with running_server(tmp_path) as server:
        for part in range(kill_count):
            acknowledged |= killed_while_enrolling(
                Enrolling(server, photo, part * 1_000_000), enrolment_count // kill_count
            )
            server.start()
        with server.client() as client:
            listed = set(listed_subjects(client))
            assert acknowledged <= listed
            # At most the requests that were on their way may be there beyond.
            assert len(listed - acknowledged) <= CLIENT_COUNT * kill_count
            status = client.get("/v1/status").json()
            assert status["searched_template_count"] == status["template_count"] == len(listed)
            found = client.post("/v1/identify", files={"image": ("p.jpg", photo)}).json()
            assert found["faces"][0]["candidates"][0]["subject_id"] in listed


def killed_while_enrolling(enrolling: Enrolling, enrolment_count: int) -> set[str]:
    threads = [threading.Thread(target=enrolling.run) for _ in range(CLIENT_COUNT)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(enrolling.acknowledged) >= enrolment_count, 300)
    enrolling.server.kill()
    for thread in threads:
        thread.join()
    return enrolling.acknowledged


def wait_until(is_so: Callable[[], bool], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_hundred_at_once_are_all_answered(tmp_path: Path, photo: bytes) -> None:
    with running_server(tmp_path, FACEGATE_ENGINE__MAX_WAITING="16") as server, server.client() as client:

        def identify(_: int) -> httpx.Response:
            return client.post("/v1/identify", files={"image": ("p.jpg", photo)})

        with ThreadPoolExecutor(100) as pool:
            answers = list(pool.map(identify, range(100)))
        statuses = Counter(answer.status_code for answer in answers)
        assert set(statuses) <= {200, 503}
        assert statuses[200] >= 18, "those that run and those that may wait"
        refused = [answer for answer in answers if answer.status_code == 503]
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
        assert all(answer.json()["error"]["kind"] == "overloaded" for answer in refused)
        assert client.get("/readyz").status_code == 200


def bad_pictures(photo: bytes) -> list[bytes]:
    huge = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\x08\x02\x00\x00\x00"
    return [b"", b"no picture", b"GIF89a" + bytes(100), photo[: len(photo) // 2], huge, bytes(3_000_000)]


def test_a_flood_of_bad_pictures_leaves_memory_flat(tmp_path: Path, photo: bytes) -> None:
    with running_server(tmp_path) as server, server.client() as client:

        def flood(rounds: int) -> None:
            for _ in range(rounds):
                for picture in bad_pictures(photo):
                    answer = client.post("/v1/identify", files={"image": ("p.jpg", picture)})
                    assert 400 <= answer.status_code < 500
                    assert answer.json()["error"]["kind"] != "internal"
                assert client.post("/v1/identify", files={"image": ("p.jpg", photo)}).status_code == 200

        flood(10)
        before_bytes = server.memory_bytes()
        flood(30)
        assert server.memory_bytes() < before_bytes * 1.05


def test_a_stop_lets_requests_under_way_finish(tmp_path: Path, photo: bytes) -> None:
    # One worker, so that most are still waiting when the signal comes, however many cores there are.
    with running_server(tmp_path, FACEGATE_ENGINE__WORKERS="1") as server, server.client() as client:

        def enrol(number: int) -> int:
            try:
                data = {"subject_id": f"person {number}"}
                return client.post("/v1/enrol", data=data, files={"image": ("p.jpg", photo)}).status_code
            except httpx.TransportError:
                return 0

        def busy_count() -> int:
            engine = client.get("/v1/status").json()["workers"][0]
            return int(engine["in_flight"] + engine["waiting"])

        with ThreadPoolExecutor(40) as pool:
            answers = [pool.submit(enrol, number) for number in range(40)]
            wait_until(lambda: busy_count() >= 15, 30)
            server.signal(signal.SIGTERM)
            statuses = Counter(answer.result() for answer in answers)
        assert server.wait() in (0, -signal.SIGTERM)
        assert set(statuses) <= {0, 201}
        assert statuses[201] >= 15
        server.start()
        with server.client() as after:
            assert len(list(listed_subjects(after))) == statuses[201]
