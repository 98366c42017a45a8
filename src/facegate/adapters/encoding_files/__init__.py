"""Encodings that other programs saved with `face_recognition`."""

from facegate.adapters.encoding_files.encoding_file import EncodingFile

__all__ = ["EncodingFile"]
