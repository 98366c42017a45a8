"""`face_recognition` with its defaults, as a process that answers JSON lines. Imports nothing of facegate.

Runs in an environment of its own (see `baseline_environment.py`), on one core and one thread. A request is
one JSON object on one line of standard input; the answer is one line on standard output.
"""

import json
import os
import sys
import time
import warnings
from importlib.metadata import version
from typing import Any

for _pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_pool] = "1"

warnings.filterwarnings("ignore")

import dlib  # noqa: E402 - thread counts are read when these are imported
import face_recognition  # noqa: E402
import numpy as np  # noqa: E402
import PIL  # noqa: E402

_STAGES = ("decode_s", "detect_s", "encode_s", "compare_s")


def versions(request: dict[str, Any]) -> dict[str, Any]:
    """Pins the process and says what runs here."""
    if request.get("cores") and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, request["cores"])
    return {
        # The module of release 1.3.0 calls itself 1.2.3.
        "face_recognition": version("face_recognition"),
        "dlib": dlib.__version__,
        "dlib_uses_avx": bool(dlib.USE_AVX_INSTRUCTIONS),
        "dlib_uses_blas": bool(dlib.DLIB_USE_BLAS),
        "numpy": np.__version__,
        "pillow": PIL.__version__,
    }


def recognise(request: dict[str, Any]) -> dict[str, Any]:
    """Times of decode, upsampled HOG, encode and compare against n encodings, per picture."""
    generator = np.random.default_rng(0)
    known = generator.normal(0, 0.1, (request["gallery_size"], 128))
    times = []
    for path in request["paths"]:
        cpu_start_s = time.process_time()
        marks = [time.perf_counter()]
        picture = face_recognition.load_image_file(path)
        marks.append(time.perf_counter())
        boxes = face_recognition.face_locations(picture)
        marks.append(time.perf_counter())
        encodings = face_recognition.face_encodings(picture, boxes)
        marks.append(time.perf_counter())
        for encoding in encodings:
            face_recognition.compare_faces(known, encoding)
        marks.append(time.perf_counter())
        stages = {
            name: after - before for name, before, after in zip(_STAGES, marks[:-1], marks[1:], strict=True)
        }
        whole = {"total_s": marks[-1] - marks[0], "cpu_s": time.process_time() - cpu_start_s}
        times.append({**stages, **whole, "face_count": len(encodings)})
    return {"times": times}


def encode_main_face(request: dict[str, Any]) -> dict[str, Any]:
    """Dlib's own template of the largest face of one picture, or null where its detector finds none."""
    picture = face_recognition.load_image_file(request["path"])
    boxes = face_recognition.face_locations(picture)
    if not boxes:
        return {"encoding": None}
    largest = max(boxes, key=lambda box: (box[2] - box[0]) * (box[1] - box[3]))
    encoding = face_recognition.face_encodings(picture, [largest])[0]
    return {"encoding": [float(number) for number in encoding]}


def describe_chips(request: dict[str, Any]) -> dict[str, Any]:
    """Dlib's own chips of pictures with its descriptors of them, into an .npz; times per descriptor."""
    api = face_recognition.api
    chips = []
    for path in request["paths"]:
        picture = face_recognition.load_image_file(path)
        for box in face_recognition.face_locations(picture):
            rectangle = dlib.rectangle(box[3], box[0], box[1], box[2])
            shape = api.pose_predictor_5_point(picture, rectangle)
            chips.append(dlib.get_face_chip(picture, shape, size=150, padding=0.25))
    descriptors: list[Any] = []
    seconds: list[float] = []
    for chip in chips * int(request["rounds"]):
        start_s = time.perf_counter()
        descriptor = api.face_encoder.compute_face_descriptor(chip)
        seconds.append(time.perf_counter() - start_s)
        if len(descriptors) < len(chips):
            descriptors.append(np.array(descriptor))
    np.savez(request["target"], chips=np.stack(chips), descriptors=np.stack(descriptors))
    return {"chip_count": len(chips), "seconds": seconds}


_ACTIONS = {
    "versions": versions,
    "recognise": recognise,
    "encode_main_face": encode_main_face,
    "describe_chips": describe_chips,
}


def main() -> None:
    """Answers until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        answer = _ACTIONS[request["action"]](request)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
