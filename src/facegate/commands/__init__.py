"""The command line: parse, call composition, print. No rules live here."""
