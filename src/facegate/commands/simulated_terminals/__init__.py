"""Face terminals in software, as nasty as real ones: for people, for tests and for load.

Nothing here uses the server's reading or writing of the protocol: a mistake there must not cancel itself out.
"""
