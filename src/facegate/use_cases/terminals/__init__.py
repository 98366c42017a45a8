"""Terminals at work: who is let in, what they report, what they are told."""
