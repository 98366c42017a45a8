"""Cuts loose pieces around faces out of frames as small JPEGs, and opens them again."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from typing_extensions import override

from facegate.adapters.pillow_images.image_decoder import DecoderLimits, PillowImageDecoder
from facegate.domain.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from facegate.domain.geometry import FaceLandmarks, ImageSize, PixelBox
from facegate.domain.images import DetectedFace, FaceCutout, Frame
from facegate.ports.face_cutter import FaceCutter


@dataclass(frozen=True, slots=True)
class CutterOptions:
    """`margin` is added on each side as a share of the box's longer side."""

    max_side_px: int = 256
    margin: float = 0.35
    jpeg_quality: int = 92


class PillowFaceCutter(FaceCutter):
    """Cutouts as JPEG; the piece never reaches beyond the frame and never grows."""

    def __init__(self, options: CutterOptions | None = None) -> None:
        self._options = options or CutterOptions()
        self._decoder = PillowImageDecoder(DecoderLimits(decode_max_side_px=self._options.max_side_px))

    @override
    def cut(self, frame: Frame, face: DetectedFace) -> FaceCutout:
        left, top, right, bottom = self._piece(face, frame.size)
        piece = Image.fromarray(np.ascontiguousarray(frame.pixels_rgb[top:bottom, left:right]))
        scale = min(1.0, self._options.max_side_px / max(piece.size))
        size = (max(1, round(piece.width * scale)), max(1, round(piece.height * scale)))
        scales = np.array([size[0] / piece.width, size[1] / piece.height], dtype=np.float32)
        if size != piece.size:
            piece = piece.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        encoded = io.BytesIO()
        # Chroma at full resolution: at this size the JPEG is small anyway.
        piece.save(encoded, "JPEG", quality=self._options.jpeg_quality, subsampling=0)
        moved = (face.landmarks.points_xy_px - np.array([left, top], dtype=np.float32)) * scales
        return FaceCutout(encoded.getvalue(), FaceLandmarks(moved))

    @override
    def open(self, cutout: FaceCutout) -> Frame:
        try:
            return self._decoder.decode(cutout.encoded_image)
        except (ImageTooLarge, UnsupportedImage) as error:
            raise UnreadableImage("The kept picture of this face is damaged.") from error

    def _piece(self, face: DetectedFace, size: ImageSize) -> tuple[int, int, int, int]:
        """Whole pixels around box and landmarks, at least one pixel, inside the frame."""
        points = face.landmarks.points_xy_px
        box = face.box
        margin_px = self._options.margin * max(box.width_px, box.height_px)
        loose = PixelBox(
            min(box.left_px, float(points[:, 0].min())) - margin_px,
            min(box.top_px, float(points[:, 1].min())) - margin_px,
            max(box.right_px, float(points[:, 0].max())) + margin_px,
            max(box.bottom_px, float(points[:, 1].max())) + margin_px,
        ).clipped_to(size)
        left = min(int(loose.left_px), size.width_px - 1)
        top = min(int(loose.top_px), size.height_px - 1)
        return left, top, max(left + 1, round(loose.right_px)), max(top + 1, round(loose.bottom_px))
