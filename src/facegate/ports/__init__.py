"""The seams: one small Protocol per file, importing the domain only."""
