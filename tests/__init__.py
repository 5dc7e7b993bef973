"""The tests of cnncalc: tables, golden files, properties."""
