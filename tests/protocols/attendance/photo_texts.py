"""Photos as this door's clients send them."""

import base64

from tests.protocols.drawn_faces import DrawnFace, picture_of


def data_uri(*faces: DrawnFace | int) -> str:
    return "data:image/png;base64," + bare_base64(*faces)


def bare_base64(*faces: DrawnFace | int) -> str:
    return base64_of(picture_of(*faces))


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()
