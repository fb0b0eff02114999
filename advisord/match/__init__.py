"""Incident to Exposures: whom it touches under which rule, with the numbers that made it so."""
