"""Which doors tell the history what they saw."""

from pathlib import Path

import pytest
from tests.fakes.engine import FakeFace, fake_picture
from tests.fakes.video import FakeVideoSource
from tests.unit.composition.watching.serving import build, enrol, serving

from facegate.composition.watching.door_events import identify_at, verify_at
from facegate.domain.events.event import EventDoor, EventKind, EventQuery
from facegate.use_cases.identify_faces import IdentifyFacesRequest
from facegate.use_cases.verify_face import VerifyFaceRequest

ANN = fake_picture(FakeFace("ann", 1))


def test_what_a_door_sees_is_noted_under_its_name(tmp_path: Path) -> None:
    with serving(tmp_path, FakeVideoSource()) as (application, watching):
        enrol(application, "ann")
        identify_at(EventDoor.ATTENDANCE, application)(IdentifyFacesRequest(ANN))
        verify_at(EventDoor.VERIFICATION, application)(VerifyFaceRequest(ANN, "ann"))
        # Those that wait are written before it ends.
        watching.events.log.close()
        found = {event.door: event for event in watching.events.browse.list(EventQuery(), 10)}
    assert set(found) == {EventDoor.ATTENDANCE, EventDoor.VERIFICATION}
    assert {event.subject_id for event in found.values()} == {"ann"}
    assert found[EventDoor.VERIFICATION].kind is EventKind.VERIFIED


@pytest.mark.parametrize("is_serving", [True, False])
def test_doors_that_are_not_kept_cost_nothing(tmp_path: Path, *, is_serving: bool) -> None:
    application = build(tmp_path, is_serving=is_serving, FACEGATE_EVENTS__DOORS="presence")
    try:
        assert identify_at(EventDoor.REST_V1, application) is application.identify_faces
        assert verify_at(EventDoor.REST_V1, application) is application.verify_face
    finally:
        application.close()
