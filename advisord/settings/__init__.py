"""The only readers of YAML and CSV: what the operator wrote and what the program knows, checked."""
