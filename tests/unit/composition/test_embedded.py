"""The application as it is put together: the folder is held, the store is real, settings arrive."""

from pathlib import Path

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.gallery import InMemoryGalleryStore
from tests.unit.composition.fake_application import TOKEN, fake_application, fake_ports

from facegate.adapters.model_files import CachedModelFiles
from facegate.adapters.sql_store import SqlGalleryStore, open_sqlite
from facegate.adapters.system_clock import SystemClock
from facegate.composition.application import Application
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.domain.access import Door
from facegate.domain.errors import CapabilityMissing, GalleryInUse
from facegate.domain.matching import Band
from facegate.settings.loading import load_settings
from facegate.settings.model import Settings
from facegate.use_cases.enrol_photos import EnrolPhotosRequest, Photo
from facegate.use_cases.identify_faces import IdentifyFacesRequest


def settings_in(folder: Path, **environ: str) -> Settings:
    names = {"FACEGATE_STORAGE__DATA_FOLDER": str(folder), **environ}
    return load_settings(names, env_file=None).settings


def enrol(application: Application, subject_id: str) -> None:
    rules = application.enrolment_rules(Door.REST_V1)
    photo = Photo("a.jpg", fake_picture(FakeFace(subject_id)))
    result = application.enrol_photos(EnrolPhotosRequest(subject_id, [photo], "test", rules))
    assert len(result.accepted) == 1


def test_enrol_and_identify(tmp_path: Path) -> None:
    application = fake_application(tmp_path)
    enrol(application, "ann")
    found = application.identify_faces(
        IdentifyFacesRequest(fake_picture(FakeFace("ann", 3), FakeFace("bob")))
    )
    assert [face.identification.band for face in found.faces] == [Band.MATCH, Band.UNKNOWN]
    application.close()


def test_one_process_per_data_folder_and_close_lets_go(tmp_path: Path) -> None:
    first = fake_application(tmp_path)
    with pytest.raises(GalleryInUse):
        fake_application(tmp_path)
    first.close()
    first.close()
    fake_application(tmp_path).close()


def test_a_start_that_fails_lets_go_of_the_folder(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, FACEGATE_ENGINE__MAY_FETCH="false")
    ports = PortOverrides(model_files=CachedModelFiles(tmp_path / "none", may_fetch=False))
    with pytest.raises(CapabilityMissing):
        build_application(settings, ports=ports)
    fake_application(tmp_path).close()


def test_the_gallery_outlives_the_process_and_fills_the_index_again(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, FACEGATE_ACCESS__TOKEN=TOKEN)
    fakes = fake_ports(InMemoryGalleryStore())
    nets = PortOverrides(
        decoder=fakes.decoder, detector=fakes.detector, embedder=fakes.embedder, cutter=fakes.cutter
    )
    with pytest.raises(CapabilityMissing, match="facegate calibrate"):
        build_application(settings, ports=nets)
    database = open_sqlite(tmp_path / "gallery.sqlite3")
    fake_ports(SqlGalleryStore(database, SystemClock()))
    database.close()
    first = build_application(settings, ports=nets)
    enrol(first, "ann")
    first.close()
    second = build_application(settings, ports=nets)
    assert second.gallery.indexed_template_count() == 1
    assert second.gallery.index_agrees_with_store()
    second.close()


def test_settings_reach_the_rules(tmp_path: Path) -> None:
    application = fake_application(
        tmp_path,
        RECOGNITION_TOLERANCE="0.4",
        FACEGATE_ENROLMENT__MIN_QUALITY="0.25",
        FACEGATE_ENGINE__LIVENESS="true",
        FACEGATE_LIVENESS__DOORS="persons",
        FACEGATE_LIVENESS__MIN_LIVE_PROBABILITY="0.75",
    )
    assert application.gallery.policy.tolerance == 0.4
    rules = application.enrolment_rules(Door.PERSONS)
    assert (rules.min_quality, rules.max_templates) == (0.25, 20)
    assert rules.liveness is not None
    assert rules.liveness.min_live_probability == 0.75
    assert application.enrolment_rules(Door.REST_V1).liveness is None
    application.close()


def test_the_token_from_the_settings_is_recognised(tmp_path: Path) -> None:
    application = fake_application(tmp_path, FLASK_AUTHORIZATION_KEY="push-key-push-key")
    record = application.access.recognise(TOKEN)
    push = application.access.recognise("push-key-push-key")
    assert record is not None
    assert application.access.allows(record, Door.REST_V1)
    assert push is not None
    assert not application.access.allows(push, Door.REST_V1)
    application.close()
