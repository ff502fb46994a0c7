"""Mutations with an idempotency key."""
