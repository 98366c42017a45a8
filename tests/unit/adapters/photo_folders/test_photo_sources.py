"""Photos of named persons out of folders and archives, also such as were made to harm."""

import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from facegate.adapters.photo_folders import open_photo_source
from facegate.adapters.photo_folders.layout import PhotoLimits
from facegate.domain.errors import ImageTooLarge, InvalidInput

FILES = {
    "bob/2.JPG": b"bob two",
    "bob/1.jpeg": b"bob one",
    "Anna B./photo.HeIc": b"anna",
    "bob x/1.webp": b"bob x",
    "bob x/2.jfif": b"from a browser",
    "bob x/3.JPE": b"from Windows",
    "bob/notes.txt": b"no photo",
    "bob/.hidden.jpg": b"hidden",
    ".thumbnails/1.jpg": b"hidden folder",
    "__MACOSX/._1.jpg": b"left behind",
    "bob/deeper/1.jpg": b"too deep",
    "loose.jpg": b"nobody's",
}
EXPECTED = [
    ("Anna B.", "Anna B./photo.HeIc", b"anna"),
    ("bob", "bob/1.jpeg", b"bob one"),
    ("bob", "bob/2.JPG", b"bob two"),
    ("bob x", "bob x/1.webp", b"bob x"),
    ("bob x", "bob x/2.jfif", b"from a browser"),
    ("bob x", "bob x/3.JPE", b"from Windows"),
]


def as_folder(place: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = place / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return place / "photos"


def as_zip(place: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place / "photos.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return place / "photos.bin"


def as_tar(place: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(place / "photos.bin", mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return place / "photos.bin"


def as_tar_gz(place: Path, files: dict[str, bytes]) -> Path:
    return as_tar(place, {f"./{name}": content for name, content in files.items()}, "w:gz")


Maker = Callable[[Path, dict[str, bytes]], Path]

KINDS: list[Maker] = [as_folder, as_zip, as_tar, as_tar_gz]
ARCHIVES = KINDS[1:]


def read_all(path: Path, limits: PhotoLimits | None = None) -> list[tuple[str, str, bytes]]:
    source = open_photo_source(path, limits)
    photos = list(source.photos())  # all listed before the first is read, as bulk enrolment may do
    assert source.photo_count() == len(photos)
    return [(photo.subject_id, photo.label, photo.read()) for photo in photos]


@pytest.mark.parametrize("make", KINDS)
def test_photos_are_found_with_their_persons(tmp_path: Path, make: Maker) -> None:
    found = read_all(make(tmp_path, FILES))
    assert sorted(found) == sorted(EXPECTED)
    assert [subject_id for subject_id, _, _ in found].count("bob") == 2


@pytest.mark.parametrize("make", KINDS)
def test_the_order_is_stable_and_person_by_person(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, FILES)
    found = read_all(path)
    assert found == read_all(path)
    persons = [subject_id for subject_id, _, _ in found]
    assert (
        len(list(dict.fromkeys(persons)))
        == sum(persons[n] != persons[n - 1] for n in range(1, len(persons))) + 1
    )
    if make in (as_folder, as_zip):
        assert found == EXPECTED


@pytest.mark.parametrize("make", ARCHIVES)
def test_one_outer_folder_may_be_around_everything(tmp_path: Path, make: Maker) -> None:
    found = read_all(make(tmp_path, {f"all photos/{name}": content for name, content in FILES.items()}))
    assert sorted((person, content) for person, _, content in found) == sorted(
        (person, content) for person, _, content in EXPECTED
    )


@pytest.mark.parametrize("make", KINDS)
def test_photos_may_be_read_by_several_threads(tmp_path: Path, make: Maker) -> None:
    files = {f"p{n % 7}/{n}.jpg": bytes([n]) * 20_000 for n in range(60)}
    photos = list(open_photo_source(make(tmp_path, files)).photos())
    with ThreadPoolExecutor(8) as pool:
        contents = list(pool.map(lambda photo: photo.read(), photos))
    assert {photo.label: content for photo, content in zip(photos, contents, strict=True)} == files


@pytest.mark.parametrize("make", KINDS)
def test_a_photo_that_is_too_large_is_refused_alone(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, {"a/1.jpg": b"x" * 101, "a/2.jpg": b"x" * 100})
    first, second = sorted(
        open_photo_source(path, PhotoLimits(max_photo_bytes=100)).photos(), key=lambda p: p.label
    )
    with pytest.raises(ImageTooLarge):
        first.read()
    assert second.read() == b"x" * 100


def test_a_zip_that_lies_about_sizes_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {"a/1.jpg": b"\0" * 1_000_000})
    content = path.read_bytes().replace((1_000_000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    path.write_bytes(content)
    (photo,) = open_photo_source(path, PhotoLimits(max_photo_bytes=100)).photos()
    with pytest.raises(InvalidInput):
        photo.read()


@pytest.mark.parametrize("make", ARCHIVES)
def test_paths_that_lead_out_and_absolute_ones_do_not_count(tmp_path: Path, make: Maker) -> None:
    names = ["../../evil/1.jpg", "../evil/1.jpg", "/evil/1.jpg", "evil/../1.jpg", "..\\evil\\1.jpg"]
    found = read_all(make(tmp_path, {**dict.fromkeys(names, b"evil"), "good/1.jpg": b"good"}))
    assert found == [("good", "good/1.jpg", b"good")]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    folder = as_folder(tmp_path, {"a/1.jpg": b"a"})
    (folder / "a" / "2.jpg").symlink_to(secret)
    (folder / "b").symlink_to(folder / "a")
    assert [label for _, label, _ in read_all(folder)] == ["a/1.jpg"]
    (photo,) = open_photo_source(folder).photos()
    (folder / "a" / "1.jpg").unlink()
    (folder / "a" / "1.jpg").symlink_to(secret)
    with pytest.raises(InvalidInput):
        photo.read()


def test_links_and_devices_in_archives_do_not_count(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {"a/1.jpg": b"a"})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("a/2.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert [label for _, label, _ in read_all(path)] == ["a/1.jpg"]
    path.unlink()
    with tarfile.open(path, "w") as tar:
        for number, kind in enumerate([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.REGTYPE]):
            entry = tarfile.TarInfo(f"a/{number}.jpg")
            entry.type, entry.linkname = kind, "/etc/passwd"
            tar.addfile(entry, io.BytesIO())
    assert [label for _, label, _ in read_all(path)] == ["a/3.jpg"]


@pytest.mark.parametrize("make", KINDS)
def test_nothing_usable_inside(tmp_path: Path, make: Maker) -> None:
    source = open_photo_source(make(tmp_path, {"loose.jpg": b"x", "a/notes.txt": b"x"}))
    with pytest.raises(InvalidInput, match=r"name/photo\.jpg"):
        source.photo_count()
    with pytest.raises(InvalidInput, match=r"name/photo\.jpg"):
        list(source.photos())


@pytest.mark.parametrize("make", ARCHIVES)
def test_a_damaged_archive_spoils_single_photos_or_is_refused(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, {f"p/{n}.jpg": bytes(range(256)) * 40 for n in range(5)})
    intact = path.read_bytes()
    for position in range(40, len(intact), max(1, len(intact) // 40)):
        spoilt = bytearray(intact)
        spoilt[position] ^= 0xFF
        path.write_bytes(spoilt[: len(spoilt) - position % 3])
        try:
            photos = list(open_photo_source(path).photos())
        except InvalidInput:
            continue
        for photo in photos:
            with suppress(InvalidInput):
                photo.read()


def test_what_is_neither_folder_nor_archive(tmp_path: Path) -> None:
    (tmp_path / "letter.zip").write_bytes(b"hello")
    with pytest.raises(InvalidInput, match="folder, a zip or a tar"):
        open_photo_source(tmp_path / "letter.zip")
    with pytest.raises(InvalidInput, match="no such"):
        open_photo_source(tmp_path / "missing")


@pytest.mark.parametrize("make", KINDS)
def test_too_many_photos(tmp_path: Path, make: Maker) -> None:
    path = make(tmp_path, {f"a/{n}.jpg": b"" for n in range(4)})
    with pytest.raises(InvalidInput, match="more than 3"):
        open_photo_source(path, PhotoLimits(max_photos=3)).photo_count()


def zeros_as_tar_gz(path: Path, *, mib: int, kind: bytes = tarfile.REGTYPE) -> Path:
    entry = tarfile.TarInfo("a/1.jpg")
    entry.size, entry.type = mib << 20, kind
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry.tobuf(tarfile.GNU_FORMAT))
        for _ in range(mib):
            file.write(bytes(1 << 20))
        file.write(bytes(1024))
    return path


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_a_tar_that_unpacks_to_far_too_much_is_refused_before_it_does(tmp_path: Path, kind: bytes) -> None:
    path = zeros_as_tar_gz(tmp_path / "bomb.tar.gz", mib=160, kind=kind)
    with pytest.raises(InvalidInput, match=r"far more than photos|no sensible length"):
        open_photo_source(path, PhotoLimits(max_photo_bytes=1 << 30)).photo_count()


def test_a_photo_that_shrinks_well_is_no_bomb(tmp_path: Path) -> None:
    path = zeros_as_tar_gz(tmp_path / "scan.tar.gz", mib=30)
    assert [label for _, label, _ in read_all(path)] == ["a/1.jpg"]


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_listed_is_reported_and_the_others_go_on(tmp_path: Path) -> None:
    folder = as_folder(tmp_path, {"ann/1.jpg": b"ann", "bob/1.jpg": b"bob"})
    (folder / "ann").chmod(0)
    try:
        _check_unreadable(folder)
    finally:
        (folder / "ann").chmod(0o700)


def test_a_folder_that_goes_while_it_is_listed_is_reported_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = as_folder(tmp_path, {"ann/1.jpg": b"ann", "bob/1.jpg": b"bob"})
    real = os.scandir

    def refusing(path: Path) -> object:
        if Path(path).name == "ann":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    _check_unreadable(folder)


def _check_unreadable(folder: Path) -> None:
    unreadable, good = open_photo_source(folder).photos()
    assert (unreadable.subject_id, unreadable.label) == ("ann", "ann")
    with pytest.raises(InvalidInput, match="folder cannot be read"):
        unreadable.read()
    assert good.read() == b"bob"


@pytest.mark.parametrize("make", KINDS)
def test_files_that_are_no_photos_here_are_counted_and_hidden_ones_are_not(
    tmp_path: Path, make: Maker
) -> None:
    # FILES has notes, a photo too deep and one that is nobody's beside three hidden ones.
    source = open_photo_source(make(tmp_path, FILES))
    assert (source.photo_count(), source.passed_over_count()) == (6, 3)


def test_links_are_counted_as_passed_over(tmp_path: Path) -> None:
    folder = as_folder(tmp_path, {"a/1.jpg": b"a"})
    (folder / "a" / "2.jpg").symlink_to(folder / "a" / "1.jpg")
    (folder / "b").symlink_to(folder / "a")
    assert open_photo_source(folder).passed_over_count() == 2
    path = tmp_path / "linked.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder, "all")
    assert open_photo_source(path).passed_over_count() == 2
