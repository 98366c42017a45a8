"""Cameras at work: which there are, how their pictures are read and looked at, what is told of them."""
