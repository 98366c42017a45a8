"""Our own HTTP door: everything the other doors can do and more, described by OpenAPI."""
