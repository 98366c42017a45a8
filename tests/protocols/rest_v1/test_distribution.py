"""How well similarities tell the gallery's persons apart, over /v1."""

from tests.protocols.rest_v1.camera_server import CameraServer


def test_an_empty_gallery(cameras: CameraServer) -> None:
    found = cameras.ok(cameras.get("/matching/distribution"))
    assert (found["template_count"], found["person_count"]) == (0, 0)
    for pairs in (found["genuine"], found["impostor"]):
        assert (pairs["pair_count"], pairs["median"], pairs["share_at_match"]) == (0, None, None)


def test_a_small_gallery(cameras: CameraServer) -> None:
    for person in ("ann", "bob", "carl"):
        cameras.enrol(person, 0, 1)
    found = cameras.ok(cameras.get("/matching/distribution"))
    assert (found["template_count"], found["person_count"]) == (6, 3)
    assert (found["model_id"], found["metric"]) == ("sface-2021dec", "cosine")
    assert (found["genuine"]["pair_count"], found["impostor"]["pair_count"]) == (3, 12)
    assert len(found["bin_edges"]) == len(found["genuine"]["counts"]) + 1
    assert sum(found["genuine"]["counts"]) == 3
    assert found["genuine"]["median"] > 0.8 > found["impostor"]["median"]
    assert found["genuine"]["share_at_match"] == 1.0
    assert found["impostor"]["share_at_match"] == 0.0
    thresholds = found["thresholds"]
    assert -1 <= thresholds["review"] <= thresholds["match"] <= 1
    rates = [point["false_match_rate"] for point in found["curve"]]
    assert rates == sorted(rates, reverse=True)
    assert found["curve_measured_on"]
    assert found == cameras.ok(cameras.get("/matching/distribution"))
