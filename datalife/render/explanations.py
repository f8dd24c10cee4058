"""What each code of a finding means and how to mend it: for SARIF, and for the page `docs/findings.md`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """What a code means and which line of a schema asks for it, and how to mend the data or the schema; Markdown."""

    meaning: str
    mend: str


#: heading of the page -> code -> its explanation
GROUPS: dict[str, dict[str, Explanation]] = {
    "Columns": {
        "missing-column": Explanation(
            "A column of the schema is not in the data. Asked for by naming the column at all.",
            "bring the column back; if it may be absent, `required: false`; if it is absent in one environment, "
            "such as the label when serving, `not_in: [serving]` and `--environment serving`.",
        ),
        "unexpected-column": Explanation(
            "The data has a column that the schema does not name, or that does not belong in the `--environment` "
            "at hand: a label that shows up when serving is a leak. Asked for by default; `dataset: "
            "{other_columns: ignore}` (or `warning`) relaxes it.",
            "describe the column in the schema, or find out who added it.",
        ),
        "column-order": Explanation(
            "The columns are not in the order of the schema. Asked for by `dataset: {ordered: true}`.",
            "restore the order, or drop the rule where columns are read by name.",
        ),
        "unexpected-type": Explanation(
            "A column is of another type, or some of its values are not of the type. Asked for by `type: "
            "integer`. Integers count as floats, nothing else is converted.",
            "look at the examples: often one marker such as `n/a` makes a column of numbers a column of text; "
            "name it in `null_values`.",
        ),
    },
    "Missing and present values": {
        "too-many-nulls": Explanation(
            "More values are missing than allowed. Asked for by default: `max_null_fraction` is 0 unless it is "
            "stated; `nullable: true` allows any share.",
            "find out since when, for example with `datalife diff` against the batch before.",
        ),
        "too-few-values": Explanation(
            "Fewer values are present than asked for. Asked for by `min_count: 100`.",
            "as for missing values.",
        ),
        "nan-value": Explanation(
            "A float column holds NaN. Asked for by default; `allow_nan: true` accepts it.",
            "a NaN is a number that could not be computed; write a missing value where nothing is known.",
        ),
        "infinite-value": Explanation(
            "A float column holds an infinity. Asked for by default; `allow_infinite: true` accepts it.",
            "usually a division by zero upstream.",
        ),
    },
    "Values": {
        "value-outside-domain": Explanation(
            "A value is not among those allowed. Asked for by `domain: [road, trail]`; `min_domain_fraction: "
            "0.99` tolerates a few.",
            "add the value to the domain if it is real, and remember that the model has never seen it.",
        ),
        "out-of-range": Explanation(
            "A number or a time lies outside its bounds, or is no multiple of its step. Asked for by `min`, "
            "`max`, `exclusive_min`, `exclusive_max`, `multiple_of`.",
            "many values out of range at once are a change of unit; single ones are faulty sensors; zeros are "
            "often missing values.",
        ),
        "wrong-length": Explanation(
            "A text is too short or too long. Asked for by `min_length` and `max_length`, in characters.",
            "look for cut or doubled texts upstream.",
        ),
        "pattern-mismatch": Explanation(
            "A text does not match the pattern as a whole. Asked for by `pattern: '[A-Z]{2}\\d{4}'`.",
            "compare the examples with the pattern; it needs no `^` and `$`.",
        ),
        "format-mismatch": Explanation(
            "A text is not of the format. Asked for by `format: email`.",
            "as for patterns.",
        ),
        "items-out-of-range": Explanation(
            "A list has too few or too many items. Asked for by `min_items` and `max_items`.",
            "look at the rows of the examples.",
        ),
    },
    "Distinct values and keys": {
        "not-unique": Explanation(
            "A value occurs more than once. Asked for by `unique: true`.",
            "look for a batch delivered twice.",
        ),
        "duplicate-key": Explanation(
            "Several columns together repeat. Asked for by `dataset: {unique: [[runner_id, day]]}`.",
            "as for unique columns; or the key needs one more column.",
        ),
        "distinct-out-of-range": Explanation(
            "There are too few or too many distinct values. Asked for by `min_distinct`, `max_distinct`, "
            "`min_distinct_fraction`.",
            "a single value is a default that somebody filled in; too many are free text where a category was meant.",
        ),
        "broken-reference": Explanation(
            "A value, or several columns together, refers to what another file does not hold. Asked for by "
            "`references: {file: cities.csv, columns: [id]}` of a column, or by `dataset: {references: [{key: "
            "[city, country], file: cities.csv}]}`; the file is relative to the schema, and a missing value "
            "refers to nothing.",
            "bring the other file up to date, or find out where the unknown values come from.",
        ),
    },
    "The dataset": {
        "too-few-rows": Explanation(
            "The dataset has fewer rows than asked for. Asked for by `dataset: {rows: {min: 1000}}`.",
            "look for an interrupted transfer.",
        ),
        "too-many-rows": Explanation(
            "The dataset has more rows than allowed. Asked for by `dataset: {rows: {max: 1000000}}`.",
            "look for a batch delivered twice.",
        ),
        "row-count-change": Explanation(
            "The number of rows is not in proportion to that of the baseline. Asked for by `dataset: "
            "{rows_vs_baseline: {min: 0.8, max: 1.5}}` with `--baseline`.",
            "as for the number of rows.",
        ),
        "stale-data": Explanation(
            "The newest time in the data is too old. Asked for by `dataset: {freshness: {column: admitted_at, "
            "max_age: 2d}}`.",
            "look for a pipeline that stopped; `--now TIME` sets the clock for a repeatable run.",
        ),
        "unreadable-row": Explanation(
            "A record cannot be read, for example for having too many fields. Asked for by `--on-bad-row report`;"
            " without it such a record is an error and nothing is checked.",
            "the line number leads to the record; most often a field holds the delimiter without quotes.",
        ),
    },
    "Statistics and change": {
        "statistic-out-of-range": Explanation(
            "A statistic of a column lies outside its bounds. Asked for by `statistics: {mean: {min: 0, max: 10}}`.",
            "`datalife stats --columns NAME` shows the column.",
        ),
        "drift": Explanation(
            "A column has moved away from the baseline, the data of before. Asked for by `drift: {metric: "
            "jensen_shannon, max: 0.1}` with `--baseline`.",
            "the largest change names the value that moved most; decide whether the world changed or the pipeline.",
        ),
        "skew": Explanation(
            "A column differs from the training data. Asked for by `skew: {metric: l_infinity, max: 0.03}` with "
            "`--training`.",
            "compare how the feature is computed in training and in serving; if the world changed, train again.",
        ),
        "check-failed": Explanation(
            "Rows break a check of your own. Asked for by an entry under `checks`.",
            "`--failing-rows FILE` writes the rows.",
        ),
        "not-checked": Explanation(
            "A rule could not be checked, for example a limit of a column that is not there. What was not checked"
            " has not passed.",
            "the message names what is missing.",
        ),
    },
}
EXPLANATIONS = {code: explanation for group in GROUPS.values() for code, explanation in group.items()}
