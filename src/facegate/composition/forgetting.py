"""What the gallery calls when persons go: everything that is kept of them elsewhere goes too."""

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

from facegate.adapters.evidence_files import FileEvidenceStore
from facegate.composition.watching.stores import WatchStores
from facegate.ports.alerts.alert_sender import AlertSender
from facegate.ports.terminal_people_store import TerminalPeopleStore
from facegate.use_cases.cameras.chosen_people import ForgetChosen
from facegate.use_cases.cameras.register import CameraRegister
from facegate.use_cases.events.forget import ForgetEvents
from facegate.use_cases.presence.clients import PresenceClients
from facegate.use_cases.presence.judge_frame import JudgeFrame
from facegate.use_cases.presence.sweep_evidence import ForgetEvidence
from facegate.use_cases.terminals.placing import PlacePeople

EVIDENCE_FOLDER_NAME = "evidence"


class Forgetting:
    """Register, judge, placing and senders are set once they are built on the gallery that calls this.

    Evidence, events, rules of cameras, and what waits for terminals, go also where no door is served:
    somebody may be removed on the command line.
    """

    def __init__(
        self, data_folder: Path, terminal_people: TerminalPeopleStore, watch_stores: WatchStores
    ) -> None:
        self.evidence_files = FileEvidenceStore(data_folder / EVIDENCE_FOLDER_NAME)
        self.clients: PresenceClients | None = None
        self.judge_frame: JudgeFrame | None = None
        self.placing: PlacePeople | None = None
        self.cameras: CameraRegister | None = None
        self.alert_senders: Collection[AlertSender] = ()
        self._terminal_people = terminal_people
        self._forget_in_stored_rules = ForgetChosen(watch_stores.cameras)
        self._forget_evidence = ForgetEvidence(self.evidence_files)
        self.forget_events = ForgetEvents(watch_stores.events, watch_stores.shots)

    def __call__(self, subject_ids: Collection[str]) -> None:
        """Deletes what is kept of them, and ends the sessions of those who are clients no more.

        Raises:
            StoreFailed: some of it could not be deleted; everything else was all the same.
        """
        forget_placements = (
            self._terminal_people.forget_subjects if self.placing is None else self.placing.forget
        )
        steps: list[Callable[[Collection[str]], object]] = [
            self._forget_evidence,
            forget_placements,
            self.forget_events,
            self._forget_in_stored_rules if self.cameras is None else self.cameras.forget_subjects,
            self._tell_presence,
            self._tell_alert_senders,
        ]
        # Entered in reverse: each step is taken even where an earlier one failed.
        with contextlib.ExitStack() as all_of_them:
            for step in reversed(steps):
                all_of_them.callback(step, subject_ids)

    def _tell_alert_senders(self, subject_ids: Collection[str]) -> None:
        for sender in self.alert_senders:
            sender.forget_subjects(subject_ids)

    def _tell_presence(self, subject_ids: Collection[str]) -> None:
        if self.clients is not None:
            self.clients.reread(subject_ids)
        if self.judge_frame is not None:
            for subject_id in subject_ids:
                self.judge_frame.forget(subject_id)
