"""The view `workstations`: who is at which workstation, and what was found there."""

from facegate.page.views.workstations.view import show

__all__ = ["show"]
