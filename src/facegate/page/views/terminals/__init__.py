"""The view `terminals`: face readers at doors."""

from facegate.page.views.terminals.view import show

__all__ = ["show"]
