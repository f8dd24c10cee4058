"""What changed between two datasets, and whether it matters."""
