"""What the data should look like, and whether it does."""
