"""The view `review`: what the engine was not sure of, for people to decide."""

from facegate.page.views.review.view import show

__all__ = ["show"]
