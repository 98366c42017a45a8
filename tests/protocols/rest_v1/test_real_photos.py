"""Real photos through real nets: the main job over /v1."""

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from tests.protocols.bad_pictures import png_header
from tests.protocols.in_process import InProcessClient
from tests.protocols.rest_v1.calls import base64_of
from tests.real_pictures import RealPictures

from facegate.adapters.model_files import CachedModelFiles
from facegate.composition.embedded import build_application
from facegate.composition.port_overrides import PortOverrides
from facegate.composition.server import make_app
from facegate.settings.loading import load_settings

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, model_files: CachedModelFiles, real_pictures: RealPictures
) -> Iterator[InProcessClient]:
    """A server with every net, where Obama and Biden are enrolled."""
    chosen = {
        "storage.data_folder": str(tmp_path_factory.mktemp("real") / "data"),
        "nightly.enabled": "false",
        "engine.liveness": "true",
        "engine.phones": "true",
    }
    settings = load_settings({}, env_file=None, overrides=chosen).settings
    application = build_application(settings, ports=PortOverrides(model_files=model_files))
    app = make_app(application)
    headers = {"Authorization": f"Bearer {application.token.secret}"}
    with InProcessClient(app, headers=headers, lifespan=app.router.lifespan_context(app)) as running:
        for person in ("obama", "biden"):
            photo = {"image": (f"{person}.jpg", real_pictures.read(f"{person}.jpg"))}
            enrolled = running.post("/v1/enrol", data={"subject_id": person}, files=photo)
            assert enrolled.status_code == 201, enrolled.text
        yield running


@pytest.mark.parametrize("name", ["obama2.jpg", "obama3.jpg", "obama_partial_face.jpg"])
def test_another_photo_of_a_known_person_is_a_match(
    client: InProcessClient, real_pictures: RealPictures, name: str
) -> None:
    files = {"image": real_pictures.read(name)}
    answer = client.post("/v1/identify", data={"only_largest": "true"}, files=files).json()
    (face,) = answer["faces"]
    assert face["band"] == "match"
    assert face["match"]["subject_id"] == "obama"
    assert face["match"]["confidence"] > 0.5
    assert face["margin"] > 0.1


@pytest.mark.parametrize(("name", "least_count"), [("group.jpg", 5), ("astronaut.png", 1), ("coffee.png", 0)])
def test_strangers_stay_strangers(
    client: InProcessClient, real_pictures: RealPictures, name: str, least_count: int
) -> None:
    faces = client.post("/v1/identify", files={"image": real_pictures.read(name)}).json()["faces"]
    assert len(faces) >= least_count
    assert all(face["match"] is None for face in faces)


def test_a_claim_is_confirmed_or_refuted(client: InProcessClient, real_pictures: RealPictures) -> None:
    photo = base64_of(real_pictures.read("obama2.jpg"))
    right = client.post("/v1/verify", json={"subject_id": "obama", "image": photo}).json()
    wrong = client.post("/v1/verify", json={"subject_id": "biden", "image": photo}).json()
    assert (right["is_match"], wrong["is_match"]) == (True, False)
    assert wrong["faces"][0]["subject_id"] == "obama"


def test_boxes_are_in_pixels_of_the_picture_as_sent(
    client: InProcessClient, real_pictures: RealPictures
) -> None:
    original = real_pictures.read("obama.jpg")
    with Image.open(io.BytesIO(original)) as image:
        size = image.size
        large = io.BytesIO()
        image.resize((size[0] * 4, size[1] * 4)).save(large, "JPEG")
    found = client.post("/v1/detect", files={"image": original}).json()
    found_large = client.post("/v1/detect", files={"image": large.getvalue()}).json()
    assert found["picture"] == {"width_px": size[0], "height_px": size[1]}
    assert found_large["picture"] == {"width_px": size[0] * 4, "height_px": size[1] * 4}
    (box,), (large_box,) = ([face["box"] for face in one["faces"]] for one in (found, found_large))
    for side, value in box.items():
        assert large_box[side] / 4 == pytest.approx(value, abs=size[0] * 0.02)


def test_every_check_runs_when_asked(client: InProcessClient, real_pictures: RealPictures) -> None:
    fields = {"check_liveness": "true", "find_phones": "true"}
    answer = client.post("/v1/detect", data=fields, files={"image": real_pictures.read("obama.jpg")}).json()
    assert answer["checks_not_run"] == []
    assert answer["phones"] == []
    assert 0.0 <= answer["faces"][0]["liveness"]["live_probability"] <= 1.0


@pytest.mark.parametrize("cut", [0.02, 0.5, 0.98])
def test_a_truncated_photo_is_unreadable(
    client: InProcessClient, real_pictures: RealPictures, cut: float
) -> None:
    photo = real_pictures.read("obama.jpg")
    answer = client.post("/v1/identify", files={"image": photo[: int(len(photo) * cut)]})
    assert answer.status_code == 422
    assert answer.json()["error"]["kind"] == "unreadable_image"


def test_a_huge_header_is_refused_without_decoding(client: InProcessClient) -> None:
    answer = client.post("/v1/identify", files={"image": png_header()})
    assert answer.status_code == 413
    assert answer.json()["error"]["kind"] == "image_too_large"


def test_ready_with_every_net(client: InProcessClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["missing_checks"]) == (200, [])
