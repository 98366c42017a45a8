"""Where pictures may come from, and what is shown of it."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.domain.cameras.sources import (
    InsidePlace,
    ParsedSource,
    SourceKind,
    check_place,
    masked_source,
    parse_source,
    place_of,
    place_of_ip,
)
from facegate.domain.errors import InvalidInput, NotPermitted


@pytest.mark.parametrize(
    ("text", "kind", "host", "port", "path"),
    [
        ("rtsp://u:p@10.0.0.8/live", SourceKind.RTSP, "10.0.0.8", 554, None),
        ("  RTSP://gate:8554/live ", SourceKind.RTSP, "gate", 8554, None),
        ("rtsps://gate/live", SourceKind.RTSP, "gate", 322, None),
        ("http://[2001:db8::5]:81/mjpeg", SourceKind.HTTP, "2001:db8::5", 81, None),
        ("https://gate/mjpeg", SourceKind.HTTP, "gate", 443, None),
        ("file:///clips/gate.mp4", SourceKind.FILE, None, None, "/clips/gate.mp4"),
        ("/clips/gate.mp4", SourceKind.FILE, None, None, "/clips/gate.mp4"),
        ("webcam:0", SourceKind.WEBCAM, None, None, "0"),
    ],
)
def test_what_a_camera_may_be(
    text: str, kind: SourceKind, host: str | None, port: int | None, path: str | None
) -> None:
    assert parse_source(text) == ParsedSource(kind, text.strip(), host, port, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "gate",
        "rtsp://",
        "rtsp:///live",
        "rtsp://gate:99999/",
        "rtsp://[half/",
        "ftp://gate/x",
        "concat:/etc/passwd|x",
        "file://gate/clips/x.mp4",
        "file:clips/x.mp4",
        "webcam:",
        "webcam:x",
        "webcam:1234",
        "webcam:²",
        "-i /etc/passwd",
        "rtsp://gate/\nx",
        "rtsp://gate/" + "x" * 2048,
    ],
)
def test_what_it_may_not_be_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_source(text)
    assert refused.value.field == "rtsp_link"
    assert len(text.strip()) < 10 or text.strip() not in refused.value.message


@given(st.text(max_size=60))
def test_any_text_is_a_source_or_invalid_input(text: str) -> None:
    try:
        parse_source(text)
    except InvalidInput:
        return


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("file:///x", InsidePlace.FILES),
        ("webcam:1", InsidePlace.WEBCAMS),
        ("http://localhost/", InsidePlace.LOOPBACK),
        ("http://LOCALHOST./", InsidePlace.LOOPBACK),
        ("http://a.localhost/", InsidePlace.LOOPBACK),
        ("http://127.3.2.1/", InsidePlace.LOOPBACK),
        ("http://[::1]/", InsidePlace.LOOPBACK),
        ("http://[::ffff:127.0.0.1]/", InsidePlace.LOOPBACK),
        ("http://169.254.169.254/latest", InsidePlace.LINK_LOCAL),
        ("http://[fe80::1%25eth0]/", InsidePlace.LINK_LOCAL),
        ("http://[fd00:ec2::254]/latest", InsidePlace.LINK_LOCAL),
        ("http://[fd20:ce::254]/computeMetadata", InsidePlace.LINK_LOCAL),
        ("http://100.100.100.200/latest", InsidePlace.LINK_LOCAL),
        ("http://168.63.129.16/machine", InsidePlace.LINK_LOCAL),
        ("http://192.0.0.192/opc", InsidePlace.LINK_LOCAL),
        ("http://[::ffff:100.100.100.200]/latest", InsidePlace.LINK_LOCAL),
        ("http://[2001:0:c000:201::80ff:fffe]/", InsidePlace.LOOPBACK),
        ("http://[2001:0:c000:201::5601:5601]/", InsidePlace.LINK_LOCAL),
        ("http://[2001:0:c000:201::f5ff:fffe]/", None),
        ("http://[2002:7f00:1::]/", InsidePlace.LOOPBACK),
        ("http://[64:ff9b::169.254.169.254]/", InsidePlace.LINK_LOCAL),
        ("http://[fd00:ec2::255]/", None),
        ("http://10.0.0.1/", None),
        ("http://gate.example/", None),
    ],
)
def test_where_an_address_leads(text: str, place: InsidePlace | None) -> None:
    assert place_of(parse_source(text)) is place


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])  # noqa: S104
def test_what_is_no_single_machine_is_refused(address: str) -> None:
    with pytest.raises(NotPermitted):
        place_of_ip(ip_address(address))


def test_inside_places_need_leave_and_the_refusal_says_how() -> None:
    setting = "FACEGATE_CAMERAS__ALLOWED_PLACES"
    check_place(None, frozenset(), setting)
    check_place(InsidePlace.FILES, frozenset({InsidePlace.FILES}), setting)
    with pytest.raises(NotPermitted, match=f"{setting}=files"):
        check_place(InsidePlace.FILES, frozenset({InsidePlace.LOOPBACK}), setting)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rtsp://admin:s3cret@10.0.0.8:554/live", "rtsp://***@10.0.0.8:554/live"),
        ("rtsp://admin@gate/live", "rtsp://***@gate/live"),
        ("rtsp://:s3cret@gate/live", "rtsp://***@gate/live"),
        ("http://gate/mjpeg?user=a&pwd=s3cret&channel=1", "http://gate/mjpeg?user=***&pwd=***&channel=***"),
        ("https://[2001:db8::5]/x", "https://[2001:db8::5]/x"),
        ("http://gate/x#s3cret", "http://gate/x"),
        ("file:///clips/x.mp4", "file:///clips/x.mp4"),
        ("webcam:0", "webcam:0"),
        ("s3cret", "***"),
        ("rtsp://admin:s3cret@gate:x/", "***"),
    ],
)
def test_addresses_are_shown_without_their_secrets(text: str, shown: str) -> None:
    assert masked_source(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "rtsp://192.168.1.10:554/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp",
            "rtsp://192.168.1.10:554/***",
        ),
        ("rtsp://gate/user%3Dadmin%26password%3Dgeheim", "rtsp://gate/***"),
        ("rtsps://gate:7441/AbCdEfGh12345678?enableSrtp", "rtsps://gate:7441/***?***"),
        ("rtsp://gate/live/tlJwpbo6/1", "rtsp://gate/live/***/1"),
        ("rtsp://gate/user/admin/password/geheim/1", "rtsp://gate/***/***/***/***/1"),
        ("rtsp://gate/12345678", "rtsp://gate/***"),
        ("rtsp://gate/live;password=geheim", "rtsp://gate/***"),
        ("http://gate/mjpeg?channel=1;password=geheim", "http://gate/mjpeg?channel=***"),
        ("http://gate/mjpeg?usr=admin&psw=geheim", "http://gate/mjpeg?usr=***&psw=***"),
        ("http://gate/mjpeg?geheim", "http://gate/mjpeg?***"),
        ("http://gate/mjpeg?AbCdEfGh12345678=&x", "http://gate/mjpeg?***=***&***"),
        ("rtsp://admin:12/34@10.0.0.8/live", "***"),
        ("rtsp://admin:12?34@10.0.0.8/live", "***"),
        ("rtsp://admin:12#34@10.0.0.8/live", "***"),
    ],
)
def test_secrets_in_paths_and_queries_are_masked(text: str, shown: str) -> None:
    assert masked_source(text) == shown


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/stream",
        "/live/ch00_0",
        "/Streaming/Channels/101",
        "/ISAPI/Streaming/channels/102/httpPreview",
        "/h264Preview_01_main",
        "/cam/realmonitor",
        "/axis-media/media.amp",
        "/axis-cgi/mjpg/video.cgi",
        "/videostream.cgi",
        "/onvif-media/media.amp",
        "/live_mpeg4.sdp",
        "/profile1/media.smp",
        "/defaultPrimary",
        "/front-door",
        "/gate2",
    ],
)
def test_common_paths_stay_readable(path: str) -> None:
    assert masked_source(f"rtsp://gate:554{path}") == f"rtsp://gate:554{path}"


@given(st.sampled_from(["", "/", "?", "/live/", "/x?y=", "/user=", "/a/?"]), st.text(max_size=40))
def test_what_is_masked_stays_so(before: str, text: str) -> None:
    shown = masked_source(f"rtsp://gate{before}{text}")
    assert masked_source(shown) == shown


@given(
    st.sampled_from(
        ["/{}", "/live/{}/1", "/user=admin_password={}_stream=0.sdp", "?p={}", "/x?{}", "/x?a&{}="]
    ),
    st.text("abcdefGHIJKLNOPQ0123456789_-", min_size=13, max_size=40),
)
def test_no_key_is_ever_shown(form: str, key: str) -> None:
    assert key not in masked_source(f"rtsp://gate.example{form.format(key)}")


@given(
    user=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12),
    password=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12),
)
def test_no_password_is_ever_shown(user: str, password: str) -> None:
    shown = masked_source(f"rtsp://{user}1:{password}7@gate.example/live")
    assert shown == "rtsp://***@gate.example/live"
