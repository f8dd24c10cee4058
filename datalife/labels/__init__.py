"""Joining delayed feedback to the predictions it labels.

The story of a run, which `join` tells in full:

1. `intake` opens both sides, without the files that an earlier run consumed (`state`).
2. `reading` makes each shard narrow: keys (`keys`), instants (`times`), labels; and says why a row is left out.
3. `spreading` puts the narrow rows, and those of the state, on disk, in `partitions` by the hash of
   their key: each task of an engine some shards. So nothing but the number of partitions grows with the data.
4. `partition` settles one of them by itself: `admission` drops copies, `matching` finds the predictions of each
   event, `policies` choose the labels, `settling` says what is final. Its results are sorted files (`runs`) and a
   `tally` of what adds up (`measures`); `run` does all of them.
5. `output` puts the results beside the wide rows (`rows`), which pass once, block by block,
   into files (`sources.writing`).
6. `summary` makes the account of the tallies, and refuses one that does not add up.
7. `state` remembers what a later run may still need, by one rename.

`model` has the options with their rules and the document that is printed.
"""
