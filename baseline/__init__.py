"""The reference submission, and a small training library that participants may import."""
