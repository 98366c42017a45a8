"""Every documented answer of the attendance door, word for word."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.protocols.attendance.photo_texts import bare_base64, data_uri
from tests.protocols.contract_doors import NOW, DoorOptions, Doors, open_doors
from tests.protocols.drawn_faces import DrawnFace

from facegate.domain.gallery import Enrolment, NewTemplate
from facegate.domain.templates import StoredTemplate, Template

NOW_TEXT = NOW.astimezone().replace(tzinfo=None).isoformat(timespec="seconds")
UNKNOWN = {"success": False, "message": "Face not recognized", "user_id": "unknown", "confidence": 0.0}


def register(doors: Doors, user_id: object, photo: str) -> tuple[int, Any]:
    response = doors.client.post("/register-face", json={"user_id": user_id, "photo": photo})
    return response.status_code, response.json()


def recognize(doors: Doors, photo: str) -> tuple[int, Any]:
    response = doors.client.post("/recognize", json={"photo": photo})
    return response.status_code, response.json()


@pytest.mark.parametrize("as_text", [data_uri, bare_base64])
def test_registering_a_face(doors: Doors, as_text: Any) -> None:
    assert register(doors, 123, as_text(1)) == (
        200,
        {
            "success": True,
            "message": "Face registered successfully",
            "user_id": 123,
            "registered_at": NOW_TEXT,
        },
    )


def test_times_are_written_as_in_the_document() -> None:
    assert len(NOW_TEXT) == len("2024-01-01T10:00:00")
    assert NOW_TEXT[10] == "T"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [(123, 123), ("123", 123), (0, 0), ("007", "007"), ("ana", "ana"), (-1, "-1"), (2**60, 2**60)],
)
def test_ids_come_back_as_numbers_only_if_they_are_canonical_decimal(
    doors: Doors, sent: object, shown: object
) -> None:
    assert register(doors, sent, data_uri(1))[1]["user_id"] == shown
    assert recognize(doors, data_uri(1))[1]["user_id"] == shown


def test_a_number_and_its_text_are_one_person(doors: Doors) -> None:
    register(doors, 7, data_uri(1))
    register(doors, "7", data_uri(1))
    assert doors.client.get("/status/7").json()["encoding_count"] == 2


@pytest.mark.parametrize(
    ("photo", "status", "message"),
    [
        (data_uri(), 400, "No face detected in image"),
        (data_uri(1, 2), 400, "2 faces are in the image: use a photo of one person alone"),
    ],
)
def test_registering_without_one_clear_face(doors: Doors, photo: str, status: int, message: str) -> None:
    assert register(doors, 123, photo) == (status, {"success": False, "message": message})
    assert doors.gallery.find_subject("123") is None


def test_registering_too_poor_a_face_says_what_helps(doors: Doors) -> None:
    status, body = register(doors, 123, data_uri(DrawnFace(1, clarity_percent=45)))
    assert status == 422
    assert body["success"] is False
    assert "at least 0.80 is needed: show the whole face" in body["message"]
    assert set(body) == {"success", "message"}


def test_beyond_the_limit_the_poorest_face_is_replaced(doors: Doors) -> None:
    def qualities() -> list[float]:
        stored: list[StoredTemplate] = doors.gallery.templates_of("5")
        return sorted(round(one.quality or 0.0, 2) for one in stored)

    for clarity_percent in (70, 72, 95):
        register(doors, 5, data_uri(DrawnFace(1, clarity_percent=clarity_percent)))
    before = qualities()
    assert len(before) == 3
    register(doors, 5, data_uri(1))
    assert qualities() == [before[1], before[2], before[2]]
    assert doors.client.get("/status/5").json()["encoding_count"] == 3


@pytest.mark.parametrize("as_text", [data_uri, bare_base64])
def test_recognising_somebody(doors: Doors, as_text: Any) -> None:
    doors.enrol("123", 1)
    status, body = recognize(doors, as_text(1))
    confidence = body.pop("confidence")
    assert (status, body) == (
        200,
        {
            "success": True,
            "message": "Face recognized successfully",
            "user_id": 123,
            "recognized_at": NOW_TEXT,
        },
    )
    assert 0.9 < confidence <= 1.0


def test_confidence_is_calibrated_and_has_four_decimals(doors: Doors) -> None:
    doors.enrol("123", 1)
    confidence = recognize(doors, data_uri(DrawnFace(1, likeness_percent=45)))[1]["confidence"]
    assert 0.5 < confidence < 0.9
    assert confidence == round(confidence, 4)


def test_a_stranger_is_not_recognised(doors: Doors) -> None:
    doors.enrol("123", 1)
    assert recognize(doors, data_uri(2)) == (200, UNKNOWN)


def test_a_face_that_only_a_human_should_judge_is_not_recognised(doors: Doors) -> None:
    doors.enrol("123", 1)
    assert recognize(doors, data_uri(DrawnFace(1, likeness_percent=37))) == (200, UNKNOWN)


def test_nobody_is_recognised_in_an_empty_gallery(doors: Doors) -> None:
    assert recognize(doors, data_uri(2)) == (200, UNKNOWN)


def test_no_face_to_recognise(doors: Doors) -> None:
    assert recognize(doors, data_uri()) == (200, {**UNKNOWN, "message": "No face detected in image"})


def test_the_largest_of_several_faces_is_recognised(doors: Doors) -> None:
    doors.enrol("123", 1)
    assert recognize(doors, data_uri(1, 2))[1]["user_id"] == 123


def test_status_of_somebody_registered(doors: Doors) -> None:
    doors.enrol("123", 1)
    assert doors.client.get("/status/123").json() == {
        "success": True,
        "user_id": 123,
        "registered": True,
        "last_updated": NOW_TEXT,
        "encoding_count": 1,
    }


def test_status_of_nobody(doors: Doors) -> None:
    response = doors.client.get("/status/123")
    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "user_id": 123, "registered": False, "last_updated": None, "encoding_count": 0},
    )


def test_deleting_a_face(doors: Doors) -> None:
    doors.enrol("123", 1)
    response = doors.client.delete("/face/123")
    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "message": "Face data deleted successfully", "user_id": 123},
    )
    assert recognize(doors, data_uri(1)) == (200, UNKNOWN)


def test_deleting_nobody(doors: Doors) -> None:
    response = doors.client.delete("/face/123")
    assert (response.status_code, response.json()) == (
        404,
        {"success": False, "message": "nobody with this id is enrolled"},
    )


def test_deleting_an_id_with_a_line_break(doors: Doors) -> None:
    response = doors.client.delete("/face/1%0A23")
    assert (response.status_code, response.json()) == (
        400,
        {"success": False, "message": "user_id: the id holds a control character"},
    )


def test_health(doors: Doors) -> None:
    doors.enrol("123", 1)
    response = doors.client.get("/health")
    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "online",
            "service": "Face Recognition Server",
            "version": "1.2.3",
            "timestamp": NOW_TEXT,
            "registered_faces": 1,
            "face_data_dir": "./face_data",
            "recognition_tolerance": 0.6,
        },
    )


def test_stats(doors: Doors) -> None:
    doors.enrol("123", 1, 1)
    response = doors.client.get("/stats")
    body = response.json()
    server_info = body["stats"].pop("server_info")
    assert (response.status_code, body) == (
        200,
        {
            "success": True,
            "stats": {
                "registered_users": 1,
                "total_encodings": 2,
                "recognition_tolerance": 0.6,
                "data_directory": "./face_data",
            },
        },
    )
    assert set(server_info) == {"cpu_percent", "memory_percent", "disk_usage"}
    assert all(0.0 <= percent <= 100.0 for percent in server_info.values())


def test_the_first_stats_already_measure_the_processor(doors: Doors) -> None:
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            sum(range(1_000))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert doors.client.get("/stats").json()["stats"]["server_info"]["cpu_percent"] > 0.0
    finally:
        is_over.set()
        worker.join()


def test_liveness_is_checked_where_the_operator_wants_it(tmp_path: Path) -> None:
    options = DoorOptions(data_folder=tmp_path, live_probability=0.1, checks_liveness=True)
    with open_doors(options) as doors:
        doors.enrol("123", 1)
        assert register(doors, 5, data_uri(2))[0] == 422
        assert recognize(doors, data_uri(1)) == (200, {**UNKNOWN, "message": "The face does not look live"})


def test_a_liveness_check_without_its_model_is_never_passed_over(tmp_path: Path) -> None:
    with open_doors(DoorOptions(data_folder=tmp_path, checks_liveness=True)) as doors:
        status, body = recognize(doors, data_uri(1))
        assert status == 503
        assert body["success"] is False
        assert "liveness" in body["message"]


def test_templates_of_another_model_do_not_count(doors: Doors) -> None:
    foreign = NewTemplate("t1", Template("older-model", np.ones(4, dtype=np.float32)), "import", None)
    doors.gallery.enrol(Enrolment("123", (foreign,), NOW))
    status = doors.client.get("/status/123").json()
    assert (status["registered"], status["encoding_count"]) == (False, 0)
    stats = doors.client.get("/stats").json()["stats"]
    assert (stats["registered_users"], stats["total_encodings"]) == (1, 0)
