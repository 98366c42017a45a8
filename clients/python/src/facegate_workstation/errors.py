"""What goes wrong before or beside the connection; what the server says is never an exception."""


class WorkstationError(Exception):
    """The message is a sentence for the person who set the agent up."""


class SettingsWrong(WorkstationError):
    """A setting cannot be meant so."""


class SourceUnavailable(WorkstationError):
    """There are no pictures: no camera, no folder, or a package for it is missing."""
