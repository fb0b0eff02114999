"""Exposures -> Advisories -> words: what is said to whom, when it is said again, and how it reads."""
