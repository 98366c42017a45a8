"""Downloads one file of known size from a pinned address; a broken download resumes where it broke."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import httpx

from facegate.adapters.model_files.file_hashes import SourceUnavailable

_TRIES = 4
_TIMEOUT_S = 30.0


def download(url: str, label: str, into: Path, size_bytes: int, on_bytes: Callable[[int], None]) -> bytes:
    """The file's bytes; `into` holds what is there so far. The caller checks the hash.

    Raises:
        SourceUnavailable: no answer, an answer of another size, or it kept breaking off.
    """
    into.unlink(missing_ok=True)
    for _ in range(_TRIES):
        # A broken transfer is tried again from where it stopped; the loop ends when all is there.
        with contextlib.suppress(httpx.TransportError):
            _continue(url, label, into, size_bytes, on_bytes)
        if into.is_file() and into.stat().st_size == size_bytes:
            return into.read_bytes()
    raise SourceUnavailable(f"{label} did not answer or broke off")


def _continue(url: str, label: str, into: Path, size_bytes: int, on_bytes: Callable[[int], None]) -> None:
    done_bytes = into.stat().st_size if into.is_file() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done_bytes}-"} if done_bytes else {})
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=_TIMEOUT_S) as answer:
        if answer.status_code not in {200, 206}:
            raise SourceUnavailable(f"{label} answered {answer.status_code}")
        is_continued = answer.status_code == 206 and _starts_at(answer, done_bytes)
        if answer.status_code == 206 and not is_continued:
            into.unlink(missing_ok=True)
            return
        done_bytes = done_bytes if is_continued else 0
        with into.open("ab" if is_continued else "wb") as file:
            for chunk in answer.iter_bytes():
                done_bytes += len(chunk)
                if done_bytes > size_bytes:
                    raise SourceUnavailable(f"{label} sent more than the published size")
                file.write(chunk)
                on_bytes(done_bytes)


def _starts_at(answer: httpx.Response, offset: int) -> bool:
    content_range: str = answer.headers.get("content-range", "")
    return content_range.startswith(f"bytes {offset}-")
