"""Bytes of the world to Articles."""
