"""The folder that one process holds."""

from facegate.adapters.data_folder.held_folder import HeldDataFolder

__all__ = ["HeldDataFolder"]
