"""What each net wants and gives: colour order, sizes, decoding. No runtime is imported here."""
