"""Reading data: from what a user names to shards of one resolved schema."""
