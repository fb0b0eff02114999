"""Exposures to Advisories: what is said to whom, and in which words."""
