"""What goes with a person at the presence door, beside what the store takes along."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fakes.enrolments import enrolment
from tests.fakes.gallery import InMemoryClientStore, InMemoryGalleryStore
from tests.fakes.presence_sessions import RecordingSession
from tests.unit.composition.fake_application import TOKEN, fake_ports

from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.forgetting import EVIDENCE_FOLDER_NAME
from facegate.domain.errors import StoreFailed
from facegate.settings.loading import load_settings
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.judge_frame import JudgeFrame

HERE = "10.0.0.7"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """With fake nets; anna and bob are enrolled."""
    names = {"FACEGATE_STORAGE__DATA_FOLDER": str(tmp_path), "FACEGATE_ACCESS__TOKEN": TOKEN}
    store = InMemoryGalleryStore()
    ports = replace(fake_ports(store), client_store=InMemoryClientStore(store))
    settings = load_settings(names, env_file=None).settings
    built = build_application(settings, ports=ports, is_serving=True)
    try:
        for name in ("anna", "bob"):
            built.gallery.enrol(enrolment(name))
        yield built
    finally:
        built.close()


def clients_of(application: Application) -> PresenceClients:
    assert application.presence is not None
    return application.presence.clients


def test_a_session_ends_with_its_person_even_where_evidence_cannot_be_deleted(
    application: Application, tmp_path: Path
) -> None:
    clients_of(application).register("anna")
    session = RecordingSession()
    clients_of(application).log_in("anna", None, HERE, session)
    # No folder: what is kept of anna cannot even be listed.
    (tmp_path / EVIDENCE_FOLDER_NAME).write_bytes(b"")
    with pytest.raises(StoreFailed):
        application.gallery.restore([], replace=True)
    assert session.clients == [None]


def test_what_the_judge_remembers_goes_with_the_person(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = set[str]()
    monkeypatch.setattr(JudgeFrame, "forget", lambda _, client_id: forgotten.add(client_id))
    application.gallery.remove_subject("anna")
    assert forgotten == {"anna"}
