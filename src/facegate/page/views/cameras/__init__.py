"""The view `cameras`: all of them as cards, one of them live with its settings."""

from facegate.page.views.cameras.view import show

__all__ = ["show"]
