"""One room per technology; rooms do not import each other."""
