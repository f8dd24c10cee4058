"""What is in the data: statistics that merge."""
