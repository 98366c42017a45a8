"""Evidence as files in a folder."""

from facegate.adapters.evidence_files.evidence_store import FileEvidenceStore

__all__ = ["FileEvidenceStore"]
