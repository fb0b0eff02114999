"""Delivery to Outcome: one attempt over one channel."""
