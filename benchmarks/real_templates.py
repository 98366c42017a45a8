"""Templates of real photos from which galleries are made; kept in build/, never committed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.real_pictures import RealPictures, default_picture_folder

from benchmarks.engine_parts import open_analysis
from benchmarks.photo_folders import PhotoFolders
from benchmarks.progress import progress_bar
from facegate.domain.templates import EmbedderIdentity
from facegate.use_cases.calibrate_matching import CalibrateMatching

TEMPLATES_FOLDER = Path("build/benchmarks/templates")
PHOTO_SETS = Path("../shared/data/faces")
"""Where photo sets lie unless folders are named: each sub-folder is a set of `name/*.jpg`."""

_PERSON_OF = {
    "obama.jpg": 0,
    "obama2.jpg": 0,
    "obama3.jpg": 0,
    "biden.jpg": 1,
    "astronaut.png": 2,
    "group.jpg": 3,
}
_STAND_IN_COUNT = 250
_STAND_IN_DIFFERENCE = 1.0
"""Length of the difference between two stand-ins of one person, over the length of a template."""


@dataclass(frozen=True, slots=True, eq=False)
class RealTemplates:
    """Vectors of shape (n, dimension) float32 with the person of each, and where they come from."""

    identity: EmbedderIdentity
    vectors: NDArray[np.float32]
    persons: NDArray[np.int64]
    origin: str


def default_photo_sets() -> list[Path]:
    """Photo sets beside the checkout, if there are any."""
    return sorted(path for path in PHOTO_SETS.glob("*") if path.is_dir())


@cache
def real_templates(embedder_name: str) -> RealTemplates:
    """Of the photo sets if there are any, otherwise of the test photos."""
    folders = default_photo_sets()
    if not folders:
        return _of_test_photos(embedder_name)
    analysis = open_analysis(embedder_name)
    origin = f"photo sets {', '.join(folder.name for folder in folders)}"
    source = PhotoFolders(folders)
    kept = TEMPLATES_FOLDER / f"{embedder_name}-{_key(source.paths)}.npz"
    if not kept.is_file():
        with progress_bar(f"real templates of {embedder_name}", source.photo_count()) as advance_to:
            labelled = CalibrateMatching(analysis, thread_count=2).embed_source(source, advance_to)
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, vectors=labelled.vectors, persons=labelled.person_indices)
    with np.load(kept) as held:
        return RealTemplates(analysis.identity, held["vectors"], held["persons"], origin)


def _key(paths: Sequence[Path]) -> str:
    names = "\n".join(f"{path.parent.name}/{path.name}" for path in paths)
    return hashlib.sha256(names.encode()).hexdigest()[:12]


def _of_test_photos(embedder_name: str) -> RealTemplates:
    """A dozen real templates, filled up with random stand-ins of the same length: good for speed only."""
    analysis, pictures = open_analysis(embedder_name), RealPictures(default_picture_folder())
    vectors: list[NDArray[np.float32]] = []
    persons: list[int] = []
    for name, person in _PERSON_OF.items():
        frame = analysis.decode(pictures.read(name))
        judged = [analysis.judge(frame, face) for face in analysis.find_faces(frame)]
        for number, template in enumerate(analysis.embed(judged)):
            vectors.append(template.vector)
            persons.append(person + number)
    real = np.stack(vectors)
    generator = np.random.default_rng(0)
    length = float(np.linalg.norm(real, axis=1).mean())
    dimension = real.shape[1]
    stand_ins = generator.normal(0, length / dimension**0.5, (_STAND_IN_COUNT, dimension))
    again = stand_ins + generator.normal(0, _STAND_IN_DIFFERENCE * length / dimension**0.5, stand_ins.shape)
    numbers = np.arange(_STAND_IN_COUNT) + max(persons) + 1
    return RealTemplates(
        identity=analysis.identity,
        vectors=np.concatenate([real, stand_ins, again]).astype(np.float32),
        persons=np.concatenate([np.asarray(persons), numbers, numbers]),
        origin="the test photos and random stand-ins",
    )
