"""Where a run of the command starts, also as `python -m cnncalc`."""

import gc

# A run is short and its memory bounded: collecting cycles would take a tenth of its time and find none.
gc.disable()

from cnncalc.cli import run  # noqa: E402  # the imports are what the collector would look through

if __name__ == "__main__":
    run()
