"""Reports to Incidents: one incident, one conversation."""
