"""Best shots of events as files in a folder."""

from facegate.adapters.shot_files.shot_store import FileShotStore

__all__ = ["FileShotStore"]
