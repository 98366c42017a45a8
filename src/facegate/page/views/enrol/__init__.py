"""The view `enrol`: one person from photos and the webcam, or many from a folder, a zip or encodings."""

from facegate.page.views.enrol.view import show

__all__ = ["show"]
