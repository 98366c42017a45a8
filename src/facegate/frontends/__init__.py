"""One room per protocol; rooms do not import each other."""
