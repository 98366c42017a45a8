"""The persons door: one form with an `action`, as scripts and the web page speak it."""
