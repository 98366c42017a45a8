"""Cameras: what one is, where it may be, how people in its pictures become visits."""
