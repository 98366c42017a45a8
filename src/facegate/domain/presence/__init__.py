"""Is the user of this workstation still there, alone, alive and without a phone? Rules only, no I/O."""
