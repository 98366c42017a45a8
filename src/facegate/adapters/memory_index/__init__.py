"""Exact search in memory."""

from facegate.adapters.memory_index.template_index import ExactTemplateIndex

__all__ = ["ExactTemplateIndex"]
