"""What Stripe tells us: verified, kept once, and followed up by asking Stripe itself."""
