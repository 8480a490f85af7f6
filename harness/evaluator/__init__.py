"""The judge: small, fixed, versioned, and copied alone (with `harness.nouns`) into its own image."""
