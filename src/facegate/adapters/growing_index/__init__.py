"""Exact search while the gallery is small enough, approximate search beyond."""

from facegate.adapters.growing_index.template_index import GrowingTemplateIndex

__all__ = ["GrowingTemplateIndex"]
