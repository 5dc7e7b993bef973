"""From the YAML text of a specification to a `Document`, and from that to a `Network`; the only room that knows YAML."""
