"""From the YAML text of a specification to a `Document`; the only room that knows YAML."""
