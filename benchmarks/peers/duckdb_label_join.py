"""The label join of the benchmark as DuckDB SQL: same buckets, same labels, same rows. Prints its counts as JSON.

A window of seven days with both ends, the last event's label, 0 where a window closed without one.
"""

import json
import sys

import duckdb

predictions, events, output = sys.argv[1:4]
base = duckdb.connect()
base.execute(f"""
    CREATE TEMP TABLE p AS
    SELECT request_id, min(served_at) AS served_at, count(*) AS copies FROM '{predictions}' GROUP BY request_id;

    CREATE TEMP TABLE e AS
    SELECT request_id, clicked_at, clicked, count(*) AS copies FROM '{events}' GROUP BY ALL;

    CREATE TEMP TABLE judged AS
    SELECT e.*, p.served_at,
        CASE WHEN p.request_id IS NULL THEN 'orphans'
             WHEN e.clicked_at < p.served_at THEN 'before'
             WHEN e.clicked_at <= p.served_at + INTERVAL 7 DAY THEN 'matched'
             ELSE 'late' END AS bucket
    FROM e LEFT JOIN p USING (request_id);

    CREATE TEMP TABLE labels AS
    SELECT request_id, arg_max(clicked, (clicked_at, clicked)) AS label, max(clicked_at) AS label_time,
        count(*) AS n_feedback
    FROM judged WHERE bucket = 'matched' GROUP BY request_id;

    CREATE TEMP TABLE settled AS
    SELECT w.*, coalesce(l.label, 0) AS label, l.label_time,
        epoch(l.label_time) - epoch(w.served_at) AS label_delay,
        CASE WHEN w.served_at + INTERVAL 7 DAY > (SELECT max(clicked_at) FROM e) THEN 'pending'
             WHEN l.label IS NULL THEN 'negative' ELSE 'labeled' END AS label_status,
        coalesce(l.n_feedback, 0) AS n_feedback, 0 AS revision
    FROM '{predictions}' w LEFT JOIN labels l USING (request_id);

    COPY (FROM settled WHERE label_status <> 'pending') TO '{output}' (FORMAT parquet, COMPRESSION zstd);
""")
counts = dict(base.execute("SELECT bucket, count(*) FROM judged GROUP BY bucket").fetchall())
counts |= dict(base.execute("SELECT label_status, count(*) FROM settled GROUP BY label_status").fetchall())
for table in ("p", "e"):
    rows, distinct = base.sql(f"SELECT sum(copies)::BIGINT, count(*) FROM {table}").fetchall()[0]
    counts |= {f"{table}_rows": rows, f"{table}_distinct": distinct}
json.dump(counts, sys.stdout)
