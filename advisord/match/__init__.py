"""Incident -> Exposures: whom an incident touches, by which rule, with every gate that made it so."""
