"""The view `alerts`: the ways to tell people, and what became of each message."""

from facegate.page.views.alerts.view import show

__all__ = ["show"]
