"""HTML pages, one module a kind of result; each has `body(result)`."""
