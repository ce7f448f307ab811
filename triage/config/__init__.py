"""Read, merge and validate the bureau's TOML."""
