"""Naming and checking as each door does it, with what it tells the history."""

from facegate.composition.application import Application
from facegate.domain.events.event import EventDoor
from facegate.use_cases.events import door_events
from facegate.use_cases.events.event_log import EventLog
from facegate.use_cases.events.note_faces import NoteFaces
from facegate.use_cases.identify_faces import IdentifyFaces, IdentifyFacesResult
from facegate.use_cases.verify_face import VerifyFace, VerifyFaceRequest, VerifyFaceResult


def identify_at(door: EventDoor, application: Application) -> IdentifyFaces:
    """Names faces; what was seen is noted where this door's events are kept."""
    if application.watching is None or not application.watching.events.log.keeps(door):
        return application.identify_faces
    note, clock = _note_faces(application, application.watching.events.log), application.clock

    def noted(result: IdentifyFacesResult) -> None:
        note(door_events.identified(door, result, clock.now_utc()))

    return IdentifyFaces(application.analysis, application.gallery, noted)


def verify_at(door: EventDoor, application: Application) -> VerifyFace:
    """Checks claims; what was seen is noted where this door's events are kept."""
    if application.watching is None or not application.watching.events.log.keeps(door):
        return application.verify_face
    note, clock = _note_faces(application, application.watching.events.log), application.clock

    def noted(request: VerifyFaceRequest, result: VerifyFaceResult) -> None:
        note(door_events.verified(door, request.subject_id, result, clock.now_utc()))

    return VerifyFace(application.analysis, application.gallery, noted)


def _note_faces(application: Application, log: EventLog) -> NoteFaces:
    return NoteFaces(log, application.clock, application.settings.events.repeat_after_s)
