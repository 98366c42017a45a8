"""The view `system`: the machine live, its models, and the nightly work."""

from facegate.page.views.system.view import show

__all__ = ["show"]
