"""What concerns this process as a whole: its memory, threads, cores and open files."""
