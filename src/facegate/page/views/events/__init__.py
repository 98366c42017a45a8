"""The view `events`: the history over all doors."""

from facegate.page.views.events.view import show

__all__ = ["show"]
