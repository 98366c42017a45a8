"""The gallery of this process, in a data folder that nobody else holds."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from facegate.commands.galleries.gallery_access import EnrolmentChoice, NewToken, OnProgress
from facegate.commands.output.file_reports import FileLine
from facegate.composition import gallery_files
from facegate.composition.application import Application
from facegate.domain.access import Door
from facegate.domain.liveness import LivenessPolicy
from facegate.domain.subjects import parse_display_name, parse_subject_id
from facegate.frontends.rest_v1 import admin_answers, answers, translate
from facegate.ports.photo_source import PhotoSource
from facegate.use_cases.enrol_photos import EnrolmentRules, EnrolPhotosRequest, Photo
from facegate.use_cases.identify_faces import IdentifyFacesRequest
from facegate.use_cases.verify_face import VerifyFaceRequest

_PAGE_SIZE = 1000
_SOURCE = "command_line"


class LocalGalleryAccess:
    """Answers `GalleryAccess` with the use cases; closes the application at its end."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._gallery = application.gallery

    def enrol(self, subject_id: str, photo: Photo, choice: EnrolmentChoice) -> answers.EnrolAnswer:
        """See the protocol."""
        name = parse_display_name(choice.display_name) if choice.display_name is not None else None
        request = EnrolPhotosRequest(
            parse_subject_id(subject_id), [photo], _SOURCE, self._rules(choice), display_name=name or None
        )
        result = self.application.enrol_photos(request)
        if result.outcome is None:
            raise result.rejected[0].error
        return translate.enrolled(result)

    def enrol_source(
        self, source: PhotoSource, choice: EnrolmentChoice, on_progress: OnProgress
    ) -> list[FileLine]:
        """See the protocol."""
        report = self.application.enrol_folder(source, self._rules(choice), on_progress)
        return [
            FileLine(
                file.subject_id,
                file.label,
                file.quality,
                file.error.kind.value if file.error else None,
                file.error.message if file.error else None,
            )
            for file in report.files
        ]

    def _rules(self, choice: EnrolmentChoice) -> EnrolmentRules:
        setting = self.application.enrolment_rules(Door.REST_V1)
        return EnrolmentRules(
            min_quality=setting.min_quality if choice.min_quality is None else choice.min_quality,
            max_templates=setting.max_templates,
            liveness=setting.liveness,
            keep_cutouts=setting.keep_cutouts,
        )

    def _liveness(self, *, is_asked_for: bool) -> LivenessPolicy | None:
        """The check, where it is asked for here or wanted of /v1 by setting."""
        by_setting = self.application.liveness_policy(Door.REST_V1)
        return self.application.default_liveness_policy if is_asked_for else by_setting

    def identify(self, photo: Photo, *, max_candidates: int, check_liveness: bool) -> answers.IdentifyAnswer:
        """See the protocol."""
        liveness = self._liveness(is_asked_for=check_liveness)
        request = IdentifyFacesRequest(photo.encoded, max_candidates=max_candidates, liveness=liveness)
        result = self.application.identify_faces(request)
        return answers.IdentifyAnswer(
            picture=translate.picture(result.frame),
            model_id=self._gallery.model_id,
            faces=translate.identified(result, self._gallery),
            checks_not_run=_not_run(liveness),
        )

    def verify(self, subject_id: str, photo: Photo, *, check_liveness: bool) -> answers.VerifyAnswer:
        """See the protocol."""
        known = self._gallery.get_subject(parse_subject_id(subject_id))
        liveness = self._liveness(is_asked_for=check_liveness)
        request = VerifyFaceRequest(photo.encoded, known.subject_id, liveness=liveness)
        result = self.application.verify_face(request)
        return answers.VerifyAnswer(
            is_match=result.is_match,
            subject_id=known.subject_id,
            picture=translate.picture(result.frame),
            model_id=self._gallery.model_id,
            faces=translate.verified(result),
            checks_not_run=_not_run(liveness),
        )

    def list_subjects(self, containing: str | None) -> Iterator[answers.SubjectAnswer]:
        """See the protocol."""
        containing = parse_display_name(containing) if containing is not None else None
        after: str | None = None
        while page := self._gallery.list_subjects(after=after, limit=_PAGE_SIZE, containing=containing):
            yield from (translate.subject(found) for found in page)
            after = page[-1].subject_id

    def show_subject(self, subject_id: str) -> answers.SubjectDetails:
        """See the protocol."""
        found = self._gallery.get_subject(parse_subject_id(subject_id))
        templates = self._gallery.templates_of(found.subject_id)
        return translate.subject_details(found, templates, self._gallery.model_id)

    def rename_subject(self, subject_id: str, display_name: str) -> answers.SubjectAnswer:
        """See the protocol."""
        known_id, name = parse_subject_id(subject_id), parse_display_name(display_name)
        return translate.subject(self._gallery.rename_subject(known_id, name))

    def remove_subject(self, subject_id: str) -> None:
        """See the protocol."""
        self._gallery.remove_subject(parse_subject_id(subject_id))

    def remove_template(self, template_id: str) -> None:
        """See the protocol."""
        self._gallery.remove_template(template_id)

    def import_encodings(self, path: Path, on_progress: OnProgress) -> admin_answers.ImportEncodingsAnswer:
        """See the protocol."""
        report = self.application.import_encodings(gallery_files.open_encodings(path), on_progress)
        return admin_answers.ImportEncodingsAnswer(
            imported_count=report.imported_count,
            subject_count=report.subject_count,
            is_searched=report.is_searched,
            rejected=[
                admin_answers.RejectedRow(label=row.label, kind=row.error.kind, message=row.error.message)
                for row in report.rejected
            ],
        )

    def export_gallery(self, path: Path, on_progress: OnProgress) -> None:
        """See the protocol."""
        self.application.export_gallery(gallery_files.open_archive(path), on_progress)

    def restore_gallery(self, path: Path, *, replace: bool) -> int:
        """See the protocol."""
        return self.application.restore_gallery(gallery_files.open_archive(path), replace=replace)

    def counts(self) -> admin_answers.StatusAnswer:
        """See the protocol."""
        # Imported here: the version is needed by this answer alone.
        from facegate import __version__

        found = self._gallery.counts()
        return admin_answers.StatusAnswer(
            version=__version__,
            model_id=self._gallery.model_id,
            subject_count=found.subject_count,
            template_count=found.template_count,
            templates_by_model=found.templates_by_model,
            searched_template_count=self._gallery.indexed_template_count(),
            missing_checks=list(self.application.analysis.missing_checks),
            workers=[],
        )

    def list_tokens(self) -> list[admin_answers.TokenAnswer]:
        """See the protocol."""
        return [
            admin_answers.TokenAnswer(
                token_id=record.token_id,
                name=record.name,
                doors=sorted(record.doors),
                created_at=record.created_at,
                expires_at=record.expires_at,
            )
            for record in self.application.access.list_tokens()
        ]

    def create_token(self, wanted: NewToken) -> admin_answers.NewTokenAnswer:
        """See the protocol."""
        days = wanted.expires_in_days
        lifetime = timedelta(days=days) if days is not None else None
        created = self.application.access.create(wanted.name, doors=wanted.doors, lifetime=lifetime)
        return admin_answers.NewTokenAnswer(
            token_id=created.record.token_id,
            name=created.record.name,
            doors=sorted(created.record.doors),
            created_at=created.record.created_at,
            expires_at=created.record.expires_at,
            secret=created.secret,
        )

    def revoke_token(self, token_id: str) -> None:
        """See the protocol."""
        self.application.access.revoke(token_id)

    def close(self) -> None:
        """See the protocol."""
        self.application.close()


def _not_run(liveness: LivenessPolicy | None) -> list[str]:
    return [*(["liveness"] if liveness is None else []), "phones"]
