"""Facts and rules about faces: no I/O, no framework, numpy allowed."""
