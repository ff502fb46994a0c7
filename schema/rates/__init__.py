"""Mutations that may be called only so often: declared beside each, counted before it runs."""
