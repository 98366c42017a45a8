"""A camera's password goes where the camera is, and never less secretly than before."""

import pytest

from facegate.domain.cameras.sources import keeps_password


@pytest.mark.parametrize(
    ("before", "after", "is_kept"),
    [
        ("http://gate/a", "http://gate/b", True),
        ("http://gate/a", "http://gate:80/b", True),
        ("rtsp://u:p@GATE:554/a", "RTSP://gate/b", True),
        ("rtsps://gate:7441/a", "rtsps://gate:7441/b", True),
        ("http://gate/a", "https://gate/a", True),
        ("http://gate:8080/a", "https://gate:8443/a", True),
        ("rtsp://gate/a", "rtsps://gate/a", True),
        ("https://gate/a", "http://gate/a", False),
        ("https://gate:8443/a", "http://gate:8443/a", False),
        ("rtsps://gate/a", "rtsp://gate/a", False),
        ("http://gate/a", "http://gate:8080/a", False),
        ("https://gate/a", "https://gate:8443/a", False),
        ("rtsp://gate/a", "rtsp://gate:8554/a", False),
        ("http://gate/a", "http://other/a", False),
        ("http://gate/a", "https://other/a", False),
        ("https://gate/a", "rtsps://gate/a", False),
    ],
)
def test_where_the_password_goes(before: str, after: str, is_kept: bool) -> None:
    assert keeps_password(before, after) is is_kept
