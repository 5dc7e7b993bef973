"""Where a run of the command starts, also as `python -m cnncalc`."""

import _signal  # type: ignore[import-not-found]  # what `signal` is made from, which costs half a millisecond
import gc

# An interrupt while modules are imported is to end the run as quietly as one later on.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

# A run is short and its memory bounded: collecting cycles would take a tenth of its time and find none.
gc.disable()

from cnncalc import cli  # noqa: E402  # the imports are what the collector would look through


def run() -> None:
    """The command, which takes an interrupt itself from here on."""
    if _signal.getsignal(_signal.SIGINT) == _signal.SIG_DFL:
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
    cli.run()


if __name__ == "__main__":
    run()
