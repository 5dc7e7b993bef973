"""From a `Network` to its `Summary`: all figures, by whatever convention they are counted."""
