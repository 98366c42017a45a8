"""The floor that all doors stand on: workers, limits, access, errors at the edge. No door's own words.

Importing it makes `{subject_id:id}` known to routes (`ids_in_paths`).
"""

from facegate.frontends.wire import ids_in_paths

__all__ = ["ids_in_paths"]
