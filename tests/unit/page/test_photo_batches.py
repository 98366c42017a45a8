"""Zips and folders of photos are cut into portions that lie as the server wants them."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facegate.page import photo_batches
from facegate.page.photo_batches import Found, NoZip, batches, photos_of_folder, photos_of_zip

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\.\0"), min_size=1, max_size=8).filter(
    lambda name: not name.startswith("__MACOSX")
)


def zipped(*names: str, content: bytes = b"photo") -> io.BytesIO:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    written.seek(0)
    return written


def paths(found: Found) -> list[str]:
    return [photo.path for photo in found.photos]


def test_photos_lie_in_a_persons_folder() -> None:
    found = photos_of_zip(zipped("bob/2.png", "ada/1.jpg", "ada/readme.txt", "loose.jpg", "ada/deep/3.jpg"))

    assert paths(found) == ["ada/1.jpg", "bob/2.png"]
    assert found.left_out_count == 2


def test_one_outer_folder_is_passed_through() -> None:
    found = photos_of_zip(zipped("all/ada/1.jpg", "all/bob/1.jpg", "all/cover.jpg", "__MACOSX/all/ada/1.jpg"))

    assert paths(found) == ["ada/1.jpg", "bob/1.jpg"]
    assert found.left_out_count == 1


def test_a_folder_from_windows_is_laid_out_alike() -> None:
    found = photos_of_folder([("people\\ada\\1.jpg", b"a"), ("people\\.thumbs\\1.jpg", b"b")])

    assert [(photo.path, photo.read()) for photo in found.photos] == [("ada/1.jpg", b"a")]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(NoZip):
        photos_of_zip(io.BytesIO(content))


def test_a_damaged_photo_is_told_and_the_others_go_on() -> None:
    damaged = bytearray(zipped("ada/1.jpg", "ada/2.jpg", content=bytes(range(256)) * 20).getvalue())
    damaged[60] ^= 0xFF
    found = photos_of_zip(io.BytesIO(bytes(damaged)))

    (batch,) = batches(found.photos)

    assert batch.broken == ("ada/1.jpg",)
    assert batch.photo_count == 1


def test_a_photo_that_unpacks_to_more_than_any_photo_has_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(photo_batches, "MAX_PHOTO_BYTES", 1000)
    found = photos_of_zip(zipped("ada/bomb.jpg", content=b"\0" * 1001))

    (batch,) = batches(found.photos)

    assert (batch.broken, batch.photo_count) == (("ada/bomb.jpg",), 0)


@given(st.lists(st.tuples(NAMES, st.integers(0, 99)), unique=True, max_size=40))
def test_every_photo_is_in_one_batch_in_order(given_photos: list[tuple[str, int]]) -> None:
    names = [f"{person}/{number}.jpg" for person, number in given_photos]
    found = photos_of_folder([(name, name.encode()) for name in names])

    told = []
    for batch in batches(found.photos):
        with zipfile.ZipFile(io.BytesIO(batch.archive)) as archive:
            assert len(archive.namelist()) == batch.photo_count <= 12
            told += [archive.read(name).decode() for name in archive.namelist()]

    assert told == paths(found)
    assert sorted(told) == sorted(names)
