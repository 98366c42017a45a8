"""What the routes of /v1 for events stand on."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Path

from facegate.frontends.rest_v1.event_admin.messages import EVENT_ID_PATTERN
from facegate.frontends.rest_v1.live_streams import EventStreams
from facegate.frontends.wire.access_gate import AccessGate
from facegate.frontends.wire.workers import BoundedWorkers
from facegate.use_cases.events.browse_events import BrowseEvents
from facegate.use_cases.events.live_events import LiveEvents
from facegate.use_cases.events.review_events import ReviewEvents
from facegate.use_cases.gallery import Gallery

EventId = Annotated[str, Path(pattern=EVENT_ID_PATTERN, description="The event's id.")]


@dataclass(frozen=True, slots=True)
class EventAdminParts:
    """`streams.end_all()` has to be called when the server stops, or it would wait for its listeners.

    `review_workers` are nobody else's: one decision waits for another, and faces must not wait for both.
    """

    browse: BrowseEvents
    review: ReviewEvents
    live: LiveEvents
    gallery: Gallery
    gate: AccessGate
    store_workers: BoundedWorkers
    review_workers: BoundedWorkers
    streams: EventStreams = field(default_factory=EventStreams)

    def name_of(self, subject_id: str) -> str | None:
        """The person's name for people; reads the store."""
        subject = self.gallery.find_subject(subject_id)
        return None if subject is None else subject.display_name or subject.subject_id
