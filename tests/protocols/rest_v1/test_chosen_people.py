"""A rule for chosen persons follows them when they are merged, and forgets them when they go."""

from tests.protocols.rest_v1.camera_server import CameraServer


def test_a_rule_follows_whom_it_names(cameras: CameraServer) -> None:
    for subject_id, variants in (("ann", (1,)), ("anna", (2,)), ("bob", (3,))):
        cameras.enrol(subject_id, *variants)
    camera = cameras.add(alerts={"who": "chosen", "subject_ids": ["anna", "bob"]})

    def named() -> list[str]:
        shown = cameras.ok(cameras.get(f"/cameras/{camera['camera_id']}"))
        return list(shown["alerts"]["subject_ids"])

    cameras.ok(cameras.post("/subjects/merge", {"subject_id": "anna", "into": "ann"}))
    assert named() == ["ann", "bob"]
    for subject_id, left in (("ann", ["bob"]), ("bob", [])):
        assert cameras.call("DELETE", f"/subjects/{subject_id}").status_code in (200, 204)
        assert named() == left
