"""Approximate search for galleries beyond what exact search does in a millisecond."""

from facegate.adapters.usearch_index.graph import GraphOptions
from facegate.adapters.usearch_index.template_index import UsearchTemplateIndex

__all__ = ["GraphOptions", "UsearchTemplateIndex"]
