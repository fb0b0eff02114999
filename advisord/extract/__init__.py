"""Article to Reports: what happened, where, when, to whom, who says so."""
