"""The view `people`: everybody in the gallery, and one of them with templates, groups, merging, deleting."""

from facegate.page.views.people.view import show

__all__ = ["show"]
