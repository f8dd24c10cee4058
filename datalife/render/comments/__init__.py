"""Results as comments on a pull request: one module a kind, each with `body(result)` in Markdown."""
