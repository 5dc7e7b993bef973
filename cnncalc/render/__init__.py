"""Values to text. Nothing here computes a figure, reads a file or writes to a terminal."""
