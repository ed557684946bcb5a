"""The tests: they mirror webapp/, file by file."""
