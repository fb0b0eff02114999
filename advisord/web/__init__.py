"""The officer's page and the answers of people, served by the daemon on threads of their own (docs/page.md)."""
