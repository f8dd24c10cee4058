"""What rich prints for each kind of result: one module a kind, with `draw(result)`."""
