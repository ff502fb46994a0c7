"""A mutation that is sent with an `Idempotency-Key` is carried out once.

The header is the one of draft-ietf-httpapi-idempotency-key-header; its value is a UUID. Beside
it stand the older `idempotencyKey` inputs of single mutations, which the domain answers.
"""
