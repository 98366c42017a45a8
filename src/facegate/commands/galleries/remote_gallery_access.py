"""The gallery of a running server, through its /v1. How HTTP is spoken is `server_client.py`'s business."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from facegate.commands.galleries.gallery_access import EnrolmentChoice, EnrolmentStopped, NewToken, OnProgress
from facegate.commands.galleries.server_client import ServerClient
from facegate.commands.output.file_reports import FileLine
from facegate.commands.output.outcomes import CommandRefused
from facegate.commands.output.whole_files import whole_file
from facegate.domain.errors import FacegateError, FaceRefused, InvalidInput
from facegate.domain.subjects import parse_display_name, parse_subject_id
from facegate.frontends.rest_v1 import admin_answers, answers
from facegate.ports.photo_source import NamedPhoto, PhotoSource
from facegate.use_cases.enrol_photos import Photo

A = TypeVar("A", bound=BaseModel)

_PAGE_SIZE = 1000
_UPLOADS_AT_ONCE = 4
_CHUNK_BYTES = 256 * 1024


class RemoteGalleryAccess:
    """Answers `GalleryAccess` over HTTP."""

    def __init__(self, client: ServerClient) -> None:
        self._client = client

    def enrol(self, subject_id: str, photo: Photo, choice: EnrolmentChoice) -> answers.EnrolAnswer:
        """See the protocol."""
        return self._enrol(subject_id, photo, choice, skip_known=False)

    def _enrol(
        self, subject_id: str, photo: Photo, choice: EnrolmentChoice, *, skip_known: bool
    ) -> answers.EnrolAnswer:
        fields = {"subject_id": parse_subject_id(subject_id), "skip_known": _word(skip_known)}
        if choice.display_name is not None:
            fields["display_name"] = parse_display_name(choice.display_name)
        if choice.min_quality is not None:
            fields["min_quality"] = str(choice.min_quality)
        return self._with_photo(answers.EnrolAnswer, "/v1/enrol", photo, fields)

    def enrol_source(
        self, source: PhotoSource, choice: EnrolmentChoice, on_progress: OnProgress
    ) -> list[FileLine]:
        """See the protocol. Photos go up one by one, so that no archive has to fit into a request."""
        lines: list[FileLine] = []
        with ThreadPoolExecutor(_UPLOADS_AT_ONCE, thread_name_prefix="upload") as pool:
            photos = source.photos()
            while window := list(islice(photos, 4 * _UPLOADS_AT_ONCE)):
                futures = [pool.submit(self._enrolled, photo, choice) for photo in window]
                failure: FacegateError | CommandRefused | None = None
                for future in futures:
                    # After a failure only what is on its way already is waited for: it may be stored.
                    if failure is not None and future.cancel():
                        continue
                    try:
                        lines.append(future.result())
                    except (FacegateError, CommandRefused) as error:
                        failure = failure or error
                    on_progress(len(lines))
                if failure is not None:
                    raise EnrolmentStopped(lines, failure) from failure
        return lines

    def _enrolled(self, named: NamedPhoto, choice: EnrolmentChoice) -> FileLine:
        try:
            photo = Photo(named.label, named.read())
            answer = self._enrol(named.subject_id, photo, choice, skip_known=True)
        except (InvalidInput, FaceRefused) as error:
            return FileLine(named.subject_id, named.label, None, error.kind.value, error.message)
        return FileLine(answer.subject.subject_id, named.label, answer.accepted[0].quality)

    def identify(self, photo: Photo, *, max_candidates: int, check_liveness: bool) -> answers.IdentifyAnswer:
        """See the protocol."""
        fields = {"max_candidates": str(max_candidates), "check_liveness": _word(check_liveness)}
        return self._with_photo(answers.IdentifyAnswer, "/v1/identify", photo, fields)

    def verify(self, subject_id: str, photo: Photo, *, check_liveness: bool) -> answers.VerifyAnswer:
        """See the protocol."""
        fields = {"subject_id": parse_subject_id(subject_id), "check_liveness": _word(check_liveness)}
        return self._with_photo(answers.VerifyAnswer, "/v1/verify", photo, fields)

    def _with_photo(self, answer: type[A], path: str, photo: Photo, fields: Mapping[str, str]) -> A:
        # The label may be a path with characters that no header takes; it is ours alone.
        files = {"image": ("photo", photo.encoded, "application/octet-stream")}
        return self._client.ask(answer, "POST", path, data=dict(fields), files=files)

    def list_subjects(self, containing: str | None) -> Iterator[answers.SubjectAnswer]:
        """See the protocol."""
        query: dict[str, str] = {"limit": str(_PAGE_SIZE)}
        if containing is not None:
            query["containing"] = parse_display_name(containing)
        while True:
            page = self._client.ask(answers.SubjectPage, "GET", "/v1/subjects", params=query)
            yield from page.subjects
            if page.next_after is None:
                return
            query["after"] = page.next_after

    def show_subject(self, subject_id: str) -> answers.SubjectDetails:
        """See the protocol."""
        return self._client.ask(answers.SubjectDetails, "GET", _subject_path(subject_id))

    def rename_subject(self, subject_id: str, display_name: str) -> answers.SubjectAnswer:
        """See the protocol."""
        body = {"display_name": parse_display_name(display_name)}
        return self._client.ask(answers.SubjectAnswer, "PATCH", _subject_path(subject_id), json=body)

    def remove_subject(self, subject_id: str) -> None:
        """See the protocol."""
        self._client.send("DELETE", _subject_path(subject_id))

    def remove_template(self, template_id: str) -> None:
        """See the protocol."""
        self._client.send("DELETE", f"/v1/templates/{quote(template_id, safe='')}")

    def import_encodings(self, path: Path, on_progress: OnProgress) -> admin_answers.ImportEncodingsAnswer:
        """See the protocol; the server tells nothing before it is done."""
        return self._with_file(admin_answers.ImportEncodingsAnswer, "/v1/import/encodings", path, {})

    def export_gallery(self, path: Path, on_progress: OnProgress) -> None:
        """See the protocol; people are not counted on the way."""
        with self._client.stream("GET", "/v1/export") as response, whole_file(path) as file:
            for chunk in response.iter_bytes(_CHUNK_BYTES):
                file.write(chunk)

    def restore_gallery(self, path: Path, *, replace: bool) -> int:
        """See the protocol."""
        fields = {"replace": _word(replace)}
        return self._with_file(admin_answers.RestoreAnswer, "/v1/restore", path, fields).subject_count

    def _with_file(self, answer: type[A], route: str, path: Path, fields: Mapping[str, str]) -> A:
        try:
            with path.open("rb") as file:
                # The server tells formats apart by the suffix; the rest of the name stays here.
                files = {"file": (f"upload{''.join(path.suffixes[-2:])}", file, "application/octet-stream")}
                return self._client.ask(answer, "POST", route, data=dict(fields), files=files)
        except OSError as error:
            raise CommandRefused(f"{path} cannot be read: {error.strerror or error}.") from error

    def counts(self) -> admin_answers.StatusAnswer:
        """See the protocol."""
        return self._client.ask(admin_answers.StatusAnswer, "GET", "/v1/status")

    def list_tokens(self) -> list[admin_answers.TokenAnswer]:
        """See the protocol."""
        return self._client.ask(admin_answers.TokenList, "GET", "/v1/tokens").tokens

    def create_token(self, wanted: NewToken) -> admin_answers.NewTokenAnswer:
        """See the protocol."""
        if not wanted.name.isprintable():
            raise InvalidInput("a token's name holds a character that cannot be printed", field="name")
        body: dict[str, object] = {"name": wanted.name, "doors": [door.value for door in wanted.doors]}
        if wanted.expires_in_days is not None:
            body["expires_in_days"] = wanted.expires_in_days
        return self._client.ask(admin_answers.NewTokenAnswer, "POST", "/v1/tokens", json=body)

    def revoke_token(self, token_id: str) -> None:
        """See the protocol."""
        self._client.send("DELETE", f"/v1/tokens/{quote(token_id, safe='')}")

    def close(self) -> None:
        """See the protocol."""
        self._client.close()


def _subject_path(subject_id: str) -> str:
    return f"/v1/subjects/{quote(parse_subject_id(subject_id), safe='')}"


def _word(is_wanted: bool) -> str:
    return "true" if is_wanted else "false"
