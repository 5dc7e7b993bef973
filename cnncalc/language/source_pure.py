"""PyYAML's own parser, for where libyaml is missing: what libyaml takes and refuses, it takes and refuses too."""

from __future__ import annotations

import yaml
from yaml.error import Mark
from yaml.scanner import ScannerError
from yaml.tokens import ScalarToken

_BREAKS = "\r\n\x85\u2028\u2029"


class Loader(yaml.BaseLoader):
    """The parser with tabs between words, with colons before brackets, and with escapes as libyaml has them."""

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def scan_plain_spaces(self, indent: int, start_mark: Mark) -> list[str] | None:
        length = 0
        while self.peek(length) in " \t":
            length += 1
        blanks = self.prefix(length)
        if "\t" in blanks:
            self.forward(length)
            if self.peek() not in _BREAKS:
                return [blanks]
        spaces: list[str] | None = super().scan_plain_spaces(indent, start_mark)
        return spaces

    def scan_plain(self) -> ScalarToken:
        token = super().scan_plain()
        if self.flow_level and self.peek() == ":" and self.peek(1) in ",?[]{}":
            raise ScannerError(
                "while scanning a plain scalar", token.start_mark, "found unexpected ':'", self.get_mark()
            )
        return token

    def scan_flow_scalar(self, style: str) -> ScalarToken:
        start = self.get_mark()
        try:
            token = super().scan_flow_scalar(style)
            token.value.encode()
        except (ValueError, OverflowError):  # the character is a surrogate, or there is none of that number
            raise ScannerError(
                "while scanning a quoted scalar", start, "found unknown escape character", start
            ) from None
        return token
