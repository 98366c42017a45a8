"""Whole files in and out of a real gallery."""

import io
import zipfile

import numpy as np
import pytest
from tests.fakes.engine import FakeFace
from tests.protocols.rest_v1.calls import enrol, error_of, identify, picture
from tests.protocols.whole_server import Server


def _names(server: Server) -> list[str]:
    return [one["subject_id"] for one in server.client.get("/v1/subjects").json()["subjects"]]


def _restore(server: Server, archive: bytes, *, replace: bool) -> tuple[int, object]:
    answer = server.client.post(
        "/v1/restore", data={"replace": str(replace).lower()}, files={"file": ("gallery.zip", archive)}
    )
    return answer.status_code, answer.json()


def test_a_gallery_goes_out_and_comes_back(server: Server) -> None:
    enrol(server, "ada", 0, 1, display_name="Countess")
    enrol(server, "a/b \N{GRINNING FACE}")
    archive = server.client.get("/v1/export").content
    before = server.client.get("/v1/subjects").json()
    enrol(server, "late")
    server.client.delete("/v1/subjects/ada")
    assert _restore(server, archive, replace=False) == (200, {"subject_count": 2})
    assert set(_names(server)) == {"ada", "a/b \N{GRINNING FACE}", "late"}
    assert _restore(server, archive, replace=True)[0] == 200
    assert server.client.get("/v1/subjects").json()["subjects"] == before["subjects"]
    assert identify(server, picture(FakeFace("ada", 9))).json()["faces"][0]["match"]["subject_id"] == "ada"
    assert server.application.gallery.index_agrees_with_store()


@pytest.mark.parametrize("damage", ["cut", "flip", "other", "empty"])
def test_a_damaged_archive_changes_nothing(server: Server, damage: str) -> None:
    enrol(server, "ada")
    whole = bytearray(server.client.get("/v1/export").content)
    enrol(server, "bob")
    if damage == "flip":
        whole[len(whole) // 2] ^= 0xFF
    archive = {"cut": bytes(whole[: len(whole) // 2]), "flip": bytes(whole), "other": b"no zip", "empty": b""}
    status, answer = _restore(server, archive[damage], replace=True)
    assert status == 422, answer
    assert _names(server) == ["ada", "bob"]


def test_photos_of_an_archive_enrol_their_people(server: Server) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for person in ("ada", "bob"):
            for variant in range(2):
                archive.writestr(f"{person}/{variant}.jpg", picture(FakeFace(person, variant)))
        archive.writestr("cy/broken.jpg", b"no picture")
    answer = server.client.post("/v1/import/photos", files={"file": ("people.zip", packed.getvalue())})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert (report["accepted_count"], report["subject_count"]) == (4, 2)
    assert [(row["label"], row["kind"]) for row in report["rejected"]] == [
        ("cy/broken.jpg", "unreadable_image")
    ]
    assert identify(server, picture(FakeFace("bob", 5))).json()["faces"][0]["match"]["subject_id"] == "bob"


def test_encodings_are_taken_over_and_wait_for_their_net(server: Server) -> None:
    rows = np.random.default_rng(5).normal(0, 0.1, (2, 128))
    lines = [
        ",".join([name, *(f"{number:.6f}" for number in row)]) for name, row in zip("ab", rows, strict=True)
    ]
    answer = server.client.post(
        "/v1/import/encodings", files={"file": ("faces.csv", "\n".join(lines).encode())}
    )
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"imported_count": 2, "subject_count": 2, "is_searched": False, "rejected": []}
    assert server.client.get("/v1/status").json()["searched_template_count"] == 0
    (template,) = server.client.get("/v1/subjects/a").json()["templates"]
    assert template["is_searched"] is False
    assert template["quality"] is None


@pytest.mark.parametrize("name", ["faces.pkl", "faces.dat", "faces", "faces.csv", "faces.json", "faces.npz"])
def test_pickles_and_rubbish_are_refused(server: Server, name: str) -> None:
    pickle = b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00}\x94\x8c\x03ada\x94K\x01s."
    answer = server.client.post("/v1/import/encodings", files={"file": (name, pickle)})
    assert error_of(answer) in {(422, "invalid_input"), (415, "unsupported_image")}
    assert _names(server) == []


@pytest.mark.parametrize("name", ["people.zip", "people.tar.gz", "people.rar", "people"])
def test_a_broken_archive_is_refused(server: Server, name: str) -> None:
    answer = server.client.post("/v1/import/photos", files={"file": (name, b"rubbish" * 100)})
    assert error_of(answer) == (422, "invalid_input")
