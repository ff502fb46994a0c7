"""A stand-in for Stripe: an HTTP server that keeps Stripe's contract, with books that remember.

For tests, and for a first run without an account: no money moves here. The official client
talks to it through its base address. It needs the standard library alone.

What Stripe enforces is enforced where it happens (`sessions`, `payments`, `refunds`, `disputes`,
`idempotency`, `server`), each rule with its source. "API reference" and "docs" are Stripe's own;
"package types" are those of stripe 16.1.0; what is neither is marked "Guess:".
"""

from checkout.sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
