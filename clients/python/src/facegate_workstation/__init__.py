"""Agent for a workstation that facegate watches: sends what the camera sees and does what the server says."""

from facegate_workstation.backoff import Backoff
from facegate_workstation.camera import CameraPictures
from facegate_workstation.endings import Ending, EndKind
from facegate_workstation.errors import SettingsWrong, SourceUnavailable, WorkstationError
from facegate_workstation.hooks import HookRun, Hooks
from facegate_workstation.messages import Action, Answer, Goodbye, Reason
from facegate_workstation.platform_commands import HookCommands, commands_of_this_platform
from facegate_workstation.settings import WorkstationSettings
from facegate_workstation.sources import FolderPictures, PictureSource
from facegate_workstation.states import State, StateChange
from facegate_workstation.workstation import Workstation

__all__ = [
    "Action",
    "Answer",
    "Backoff",
    "CameraPictures",
    "EndKind",
    "Ending",
    "FolderPictures",
    "Goodbye",
    "HookCommands",
    "HookRun",
    "Hooks",
    "PictureSource",
    "Reason",
    "SettingsWrong",
    "SourceUnavailable",
    "State",
    "StateChange",
    "Workstation",
    "WorkstationError",
    "WorkstationSettings",
    "commands_of_this_platform",
]
