"""What is in the data: statistics that merge.

A profile is made in three steps. `scan` asks everything of the data at once, as jobs whose states merge: `plan` counts
the values of all columns in `blocks` of one type, from which the `analyzers` and `frequencies` are computed; `glimpse`
looks at a few rows, `relations` look at several columns together, `slices` and `weighted` repeat it for parts of the
rows and with weights. The merged states are a `summary`. `profile` tells it in the keys of the contract (`model`), with
`quantiles`, `shapes` of texts and `hints`; `saved` writes a summary into a profile and reads it back.
"""
