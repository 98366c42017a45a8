"""Photos as terminals take them: one upright face, JPEG, at most 480 x 640 pixels and below 150 kB."""

from collections.abc import Callable, Sequence

import numpy as np

from facegate.domain.enrolment_face import choose_enrolment_face
from facegate.domain.errors import InvalidInput
from facegate.domain.geometry import PixelBox
from facegate.domain.images import FaceCutout, Frame
from facegate.ports.picture_encoder import PictureEncoder
from facegate.use_cases.face_analysis import FaceAnalysis
from facegate.use_cases.gallery import Gallery

MAX_PHOTO_HEIGHT_PX = 640
MAX_PHOTO_BYTES = 150_000

_WIDTH_OF_HEIGHT = 0.75
_HEIGHT_OF_FACE = 2.5
"""How high the photo is, in heights of the face's box from brow to chin: as on a passport's photo, looser."""


class TerminalPhotos:
    """Makes a terminal's photo from any picture of one person. Safe from several threads."""

    def __init__(self, analysis: FaceAnalysis, encoders: Sequence[PictureEncoder]) -> None:
        """The encoders are tried in order until the photo is small enough in bytes.

        Each has to keep at most 640 px of the longer side.

        Raises:
            ValueError: there is none.
        """
        if not encoders:
            raise ValueError("at least one encoder is needed")
        self._analysis = analysis
        self._encoders = tuple(encoders)

    def __call__(self, encoded: bytes) -> bytes:
        """The JPEG around the face of the picture.

        Raises:
            InvalidInput: the picture cannot be read.
            NoFace, SeveralFaces: a terminal would refuse it, too.
            EngineFailed: the runtime broke.
        """
        frame = self._analysis.decode(encoded)
        face = choose_enrolment_face(self._analysis.find_faces(frame))
        portrait = _portrait(frame, face.box)
        for encoder in self._encoders:
            photo = encoder.encode(portrait)
            if len(photo) < MAX_PHOTO_BYTES:
                return photo
        raise InvalidInput("the photo stays too large for a terminal: use a plainer one", field="photo")


def _portrait(frame: Frame, face: PixelBox) -> Frame:
    """The piece of three to four around the face, as large as wanted or as the picture allows."""
    size = frame.size
    height_px = min(_HEIGHT_OF_FACE * face.height_px, float(size.height_px), size.width_px / _WIDTH_OF_HEIGHT)
    width_px = height_px * _WIDTH_OF_HEIGHT
    left = _start((face.left_px + face.right_px) / 2, width_px, size.width_px)
    top = _start((face.top_px + face.bottom_px) / 2, height_px, size.height_px)
    right = left + max(1, int(width_px))
    bottom = top + max(1, int(height_px))
    return Frame.of(np.ascontiguousarray(frame.pixels_rgb[top:bottom, left:right]))


def _start(centre_px: float, length_px: float, available_px: int) -> int:
    """Where a stretch around the centre begins so that it lies inside."""
    return int(min(max(0.0, centre_px - length_px / 2), available_px - length_px))


class SubjectPhotos:
    """The photo of a person for terminals: the one that was given, else what the gallery kept."""

    def __init__(
        self,
        photos: TerminalPhotos,
        gallery: Gallery,
        cutout_of: Callable[[str], FaceCutout | None],
    ) -> None:
        """`cutout_of` is the gallery store's: the kept piece of picture behind a template."""
        self._photos = photos
        self._gallery = gallery
        self._cutout_of = cutout_of

    def __call__(self, subject_id: str, photo: bytes | None) -> bytes:
        """The JPEG for terminals.

        Raises:
            InvalidInput: no photo was given and none is kept; or the picture cannot be read.
            NoFace, SeveralFaces: the photo cannot be used.
        """
        if photo is not None:
            return self._photos(photo)
        templates = sorted(
            self._gallery.templates_of(subject_id), key=lambda one: one.quality or 0.0, reverse=True
        )
        for stored in templates:
            cutout = self._cutout_of(stored.template_id)
            if cutout is not None:
                return self._photos(cutout.encoded_image)
        raise InvalidInput("no picture of this person is kept: send a photo", field="photo")
