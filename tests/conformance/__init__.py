"""cnncalc held against PyTorch and the tools that count on it. Needs the extra `conformance`."""
