"""Pictures out of multipart bodies as cameras write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.adapters.av_video.multipart_pictures import MultipartPictures, NotMultipart, boundary_of

PICTURES = [b"\xff\xd8one\xff\xd9", b"\xff\xd8two--\r\n\xff\xd9", b"\xff\xd8three\xff\xd9"]


def body(tells_length: bool, end: bytes = b"\r\n") -> bytes:
    parts = []
    for picture in PICTURES:
        length = b"Content-length: %d%s" % (len(picture), end) if tells_length else b""
        parts.append(b"--cut" + end + b"Content-Type: image/jpg" + end + length + end + picture + end)
    return b"".join(parts) + b"--cut" + end


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("tells_length", [True, False])
@given(cuts=st.lists(st.integers(1, 60), max_size=20))
def test_every_picture_is_found(tells_length: bool, end: bytes, cuts: list[int]) -> None:
    whole = body(tells_length, end)
    pictures, found, at = MultipartPictures(b"cut"), [], 0
    for size in cuts:
        found += pictures.feed(whole[at : at + size])
        at += size
    assert found + pictures.feed(whole[at:]) == PICTURES


def test_a_picture_whose_length_is_told_does_not_wait_for_the_next() -> None:
    first = body(tells_length=True).partition(b"--cut\r\n")[2].partition(b"\xff\xd9")[0] + b"\xff\xd9"
    assert MultipartPictures(b"cut").feed(b"--cut\r\n" + first) == PICTURES[:1]


def test_without_a_told_boundary_the_first_line_tells_it() -> None:
    assert MultipartPictures(b"").feed(b"\r\n" + body(tells_length=False)) == PICTURES


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=cut", b"cut"),
        ('multipart/x-mixed-replace;boundary="--cut"', b"cut"),
        ("multipart/x-mixed-replace; boundary=--cut", b"cut"),
        ("multipart/x-mixed-replace", b""),
        ("multipart/x-mixed-replace; boundary=", b""),
    ],
)
def test_the_boundary_is_read_however_it_is_written(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "garbage",
    [b"x" * 20_000, b"--cut\r\n" + b"h" * 20_000, b"--cut\r\nContent-Length: 99999999\r\n\r\n"],
)
def test_what_is_no_multipart_body_is_refused(garbage: bytes) -> None:
    with pytest.raises(NotMultipart):
        MultipartPictures(b"cut").feed(garbage)


@given(noise=st.binary(max_size=500), boundary=st.sampled_from([b"", b"cut"]))
def test_any_bytes_are_read_or_refused(noise: bytes, boundary: bytes) -> None:
    try:
        MultipartPictures(boundary).feed(noise)
    except NotMultipart:
        return
