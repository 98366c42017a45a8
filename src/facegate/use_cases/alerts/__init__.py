"""Telling people: what is raised, how it is sent, and the channels over which."""
