"""Shows records: standings and a static site."""
