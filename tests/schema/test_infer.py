"""What schema data suggests, and with what evidence."""

from datetime import date

import polars as pl
import pytest

from datalife.schema.infer import infer_schema
from datalife.schema.inference.model import InferOptions
from datalife.sources.model import ReadOptions
from tests.frames import profiled


def inferred(columns, **options):
    """The inferred schema as plain data, and its evidence."""
    schema = infer_schema(profiled(columns), InferOptions(**options))
    return schema.model_dump(exclude_unset=True)["columns"], schema.evidence


def rules(values, name="a", **options):
    """The rules of one column."""
    return inferred({name: values}, **options)[0][name]


@pytest.mark.parametrize(
    ("values", "name"),
    [([1, 2], "integer"), ([1.5], "float"), ([True], "boolean"), ([b"x"], "binary"), ([date(2026, 1, 1)], "date")],
)
def test_the_type_is_that_of_the_values(values, name):
    """Each logical type is named by the contract's word."""
    assert rules(values) == {"type": name}


def test_a_column_without_values_gets_no_type():
    """Nothing is known of it, so that its first values are welcome."""
    columns, evidence = inferred({"a": pl.Series([None] * 4, dtype=pl.Null)})
    assert columns["a"] == {"max_null_fraction": 1.0}
    assert evidence["columns", "a", "max_null_fraction"] == "no value seen in 4 rows"


class TestMissing:
    """How much may be missing."""

    def test_nothing_missing_stays_nothing_in_few_rows(self):
        """A column of a small batch that is always filled must stay so: 6 of 1,000 would be no row of 166."""
        assert "max_null_fraction" not in rules([1, 2, 3])
        assert "max_null_fraction" not in rules([1, 2] * 83)
        assert rules([1, 2] * 84)["max_null_fraction"] == 0.006

    def test_chance_may_bring_what_no_row_has(self):
        """Holes that stayed away from 3,000 rows come seven times into 3,000 others in one of 490 cases at most."""
        columns, evidence = inferred({"a": [1, 2, 5] * 1000})
        assert (columns["a"]["max_null_fraction"], columns["a"]["max_failure_fraction"]) == (0.002, 0.002)
        told = "none of 3,000 rows is missing; up to 6 of as many would still be chance"
        assert evidence["columns", "a", "max_null_fraction"] == told

    def test_a_key_is_never_missing(self):
        """Alone or together with others, while other columns may have holes by chance."""
        names = [f"u-{number:04d}" for number in range(3000)]
        columns, _ = inferred({"id": names, "b": [1, 2, 5] * 1000})
        assert (columns["id"]["max_null_fraction"], columns["b"]["max_null_fraction"]) == (0, 0.002)

    def test_strict_allows_no_hole(self):
        """Nothing but what was seen, however many rows."""
        assert rules([1, 2, 5] * 1000, strictness="strict") == {"type": "integer", "min": 1, "max": 5}

    def test_a_batch_as_large_may_miss_a_little_more(self):
        """300 of 1,000 missing: three standard deviations of the difference of two batches are allowed."""
        columns, evidence = inferred({"a": [None] * 300 + [1] * 700})
        assert columns["a"]["max_null_fraction"] == 0.37
        assert evidence["columns", "a", "max_null_fraction"] == "300 of 1,000 rows missing (30 %)"

    def test_few_rows_leave_much_room(self):
        """2 of 4 missing says hardly anything about the next four rows."""
        assert rules([1, 2, None, None])["max_null_fraction"] == pytest.approx(0.97, abs=0.02)

    def test_strict_allows_what_was_seen(self):
        """No room at all, rounded up so that the data itself passes."""
        assert rules([1, 2, None], strictness="strict")["max_null_fraction"] == 0.3334

    def test_loose_forgives_a_first_hole(self):
        """Nothing missing in 900 rows: 2 % may be missing in the next."""
        assert rules([1, 2] * 450, strictness="loose")["max_null_fraction"] == 0.02


def text_values(**counts):
    """Each word as often as its number says."""
    return [word for word, count in counts.items() for _ in range(count)]


class TestDomain:
    """Which columns have a closed set of values."""

    def test_values_seen_often_make_a_closed_domain(self):
        """All values are common: a new one would be out of their kind."""
        columns, evidence = inferred({"a": text_values(no=20_000, yes=10_000, perhaps=3000)})
        assert columns["a"] == {"type": "string", "domain": ["no", "perhaps", "yes"], "max_null_fraction": 0.00019}
        assert evidence["columns", "a", "domain"] == "3 values in 33,000 rows"

    def test_values_in_abundance_make_a_closed_domain(self):
        """However unlike their shares: 200 of 100,000 is no rarity of which there are more."""
        assert "min_domain_fraction" not in rules(text_values(no=99_000, yes=800, never=200))
        assert "min_domain_fraction" in rules(text_values(no=99_000, yes=800, never=199))

    def test_a_rare_value_has_likes_that_are_rarer_still(self):
        """12 of 30,012: a fourth value may be so rare that chance kept it away, and up to 6 of as many are no news."""
        columns, evidence = inferred({"a": text_values(no=20_000, yes=10_000, never=12)})
        assert columns["a"]["min_domain_fraction"] == 0.9998
        assert evidence["columns", "a", "domain"] == "3 values in 30,012 rows; rarest: never (12)"

    def test_one_value_alone_may_have_rare_likes(self):
        """A constant says nothing about how common a second value would be."""
        assert rules(["N"] * 3000)["min_domain_fraction"] == 0.998

    def test_rare_values_have_likes_that_were_not_seen(self):
        """Where one value came twice in 3,002 rows, another may have come by luck not at all."""
        columns, evidence = inferred({"a": text_values(no=2000, yes=1000, never=2)})
        assert 0.99 < columns["a"]["min_domain_fraction"] < 0.999
        assert evidence["columns", "a", "min_domain_fraction"] == "the rarest was seen 2 times: new ones may come"

    def test_values_seen_once_leave_room_for_others(self):
        """One value of 1,001 was seen once: by Good and Turing about one in a thousand is new next time."""
        found = rules(text_values(no=500, yes=500, perhaps=1))
        assert found["domain"] == ["no", "perhaps", "yes"]
        assert 0.97 < found["min_domain_fraction"] < 0.999

    def test_values_mostly_seen_once_make_no_domain(self):
        """Names and free text keep bringing new values, so no set is closed."""
        assert "domain" not in rules([f"person {number % 80}" for number in range(100)])

    def test_strict_closes_the_domain(self):
        """What was seen and nothing else."""
        assert "min_domain_fraction" not in rules(text_values(no=500, once=1), strictness="strict")

    def test_loose_leaves_room_in_every_domain(self):
        """Also where nothing was seen only once."""
        assert rules(text_values(no=500, yes=500), strictness="loose")["min_domain_fraction"] == 0.982

    @pytest.mark.parametrize("values", [["2", "abc"], ["true"] * 3 + ["wacky"] * 2, ["p"] * 3 + ["q"] * 2 + ["r"] * 2])
    def test_a_handful_of_rows_lists_its_values_for_the_reviewer(self, values):
        """Too few to tell a category from an identifier, so the evidence asks for a review."""
        columns, evidence = inferred({"a": values})
        assert columns["a"]["domain"] == sorted(set(values))
        assert evidence["columns", "a", "domain"].endswith("too few rows to tell, please review")

    def test_more_values_than_wanted_make_no_domain(self):
        """`max_domain` is the largest domain."""
        assert "domain" not in rules(text_values(a=5, b=5), max_domain=1)

    def test_numbers_get_no_domain(self):
        """Codes and floats tend to gain values; only flags of 0 and 1 do not."""
        assert "domain" not in rules([3, 9, 4, 12] * 25)
        assert "domain" not in rules([0.0, 1.0] * 50)
        assert rules([0, 1] * 50) == {"type": "integer", "domain": [0, 1]}

    def test_numbers_as_text_get_no_domain(self):
        """Text that reads as numbers is numbers in disguise; codes with leading zeros are not."""
        assert "domain" not in rules(["10", "20", "NA"] * 20)
        assert rules(["010", "020"] * 20)["domain"] == ["010", "020"]

    def test_references_get_no_domain(self):
        """A few rows of an id column say nothing about the ids to come."""
        assert "domain" not in rules(["x1", "x2"], name="user_id")


class TestRange:
    """Bounds of numbers."""

    def test_an_extreme_that_many_share_is_a_limit(self):
        """Hours end at 23 and do not reach beyond."""
        found = rules(list(range(24)) * 50)
        assert (found["min"], found["max"]) == (0, 23)

    def test_a_tail_reaches_further(self):
        """Beyond the largest value as far as an exponential tail may go once in 10,000 batches.

        Where six values may lie further, two e-folds of it are enough.
        """
        columns, evidence = inferred({"a": [float(number) for number in range(1, 101)]})
        assert columns["a"] == {"type": "float", "min": 0, "max": 140}
        assert evidence["columns", "a", "min"] == "1 to 100 seen"
        columns, _ = inferred({"a": [float(number) for number in range(1, 1001)]})
        assert (columns["a"]["max"], columns["a"]["max_failure_fraction"]) == (1010, 0.006)

    def test_an_outlier_does_not_stretch_its_own_side(self):
        """Six values may lie beyond the bound as the outlier does: it need not reach twice as far."""
        found = rules([float(number) for number in range(1, 1001)] + [1e6])
        assert 1e6 < found["max"] < 1.01e6

    def test_one_outlier_does_not_blow_up_the_other_side(self):
        """Each side has its own margin; the data itself always passes."""
        found = rules([float(number) for number in range(100, 1100)] + [1e6])
        assert found["min"] > 0
        assert found["max"] > 1e6

    def test_negative_numbers_are_no_surprise_where_there_were_some(self):
        """Without sign in the data none is allowed; with one both are."""
        assert rules([0.5 * number for number in range(100)])["min"] == 0
        assert rules([0.5 * number for number in range(-50, 50)])["min"] < -25

    def test_observed_and_none(self):
        """The range as seen, or no range."""
        assert rules([3, 8], ranges="observed") == {"type": "integer", "min": 3, "max": 8}
        assert rules([3, 8] * 50, ranges="none") == {"type": "integer"}

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("user_id", [5, 9] * 20),
            ("zipCode", [5, 9] * 20),
            ("started", [1_400_269_500 + 7 * number for number in range(0, 900, 9)] * 2),
            ("year", [2013] * 40),
            ("small", [1, 2, 3]),
        ],
    )
    def test_no_range_where_it_means_nothing(self, name, values):
        """References, clocks, constants and a handful of values are not bounded."""
        assert not rules(values, name=name).keys() & {"min", "max"}

    def test_infinities_make_no_range(self):
        """Infinite values are allowed because they were seen, and a range would exclude them."""
        found = rules([1.0, 2.0, float("inf"), float("nan")] * 20)
        assert found == {"type": "float", "allow_nan": True, "allow_infinite": True}


class TestText:
    """Formats, patterns and lengths."""

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("email", "ann.{0}@example.org"),
            ("uuid", "123e4567-e89b-12d3-a456-42661417400{0}"),
            ("url", "https://example.org/{0}?q=1"),
            ("ipv4", "192.168.0.{0}"),
            ("date", "2024-02-2{0}"),
            ("datetime", "2024-02-2{0}T10:00:00"),
        ],
    )
    def test_a_format_that_every_value_has(self, name, text):
        """Known formats are named and replace domain and lengths."""
        assert rules([text.format(number) for number in range(9)]) == {"type": "string", "format": name}

    def test_a_day_that_does_not_exist_is_no_date(self):
        """One value that does not fit, and no format is claimed."""
        assert "format" not in rules(["2024-02-28", "2024-02-29", "2024-02-30", "2024-03-01"] * 30)

    def test_a_common_shape_is_a_pattern(self):
        """Letters, digits and marks at the same places, lengths fixed where they never vary."""
        texts = [f"AA-{number}-{'XYZ'[number % 3]}Q" for number in range(5, 205)]
        assert rules(texts)["pattern"] == "[A-Z]{2}-[0-9]+-[A-Z]{2}"

    def test_prose_gets_lengths_alone(self):
        """Text without a shape may not be empty, nor more than twice as long."""
        texts = [f"{'very ' * (number % 7)}nice trip no. {number}" for number in range(160)]
        assert rules(texts) == {"type": "string", "min_length": 1, "max_length": 94}

    def test_fixed_length_stays_fixed(self):
        """Values of one length keep it."""
        texts = [f"{number:03d}é" for number in range(200)]
        assert rules(texts)["min_length"] == rules(texts)["max_length"] == 4


class TestUnique:
    """Columns without a value twice."""

    @pytest.mark.parametrize(
        ("name", "values"),
        [
            ("trip_id", [10 * number * number for number in range(50)]),
            ("row", list(range(100, 150))),
            ("token", [f"k{number:05d}" for number in range(50)]),
        ],
    )
    def test_identifiers_are_unique(self, name, values):
        """A name, a sequence of numbers or codes of one length say that the column identifies rows."""
        assert rules(values, name=name)["unique"] is True

    @pytest.mark.parametrize("values", [[1.5 * number for number in range(50)], [n**3 for n in range(50)], [1, 2, 3]])
    def test_measurements_are_not(self, values):
        """Numbers may differ by chance."""
        assert "unique" not in rules(values)


def test_lists_and_structs_are_described_inside():
    """Items and fields have rules of their own, with evidence by their path."""
    columns, evidence = inferred({"tags": [["a", "b"], ["a"]] * 20, "at": [{"lat": 1.5, "lon": None}] * 40})
    assert columns["tags"] == {"type": "list", "min_items": 1, "items": {"type": "string", "domain": ["a", "b"]}}
    assert columns["at"] == {
        "type": "struct",
        "fields": {"lat": {"type": "float"}, "lon": {"max_null_fraction": 1.0}},
    }
    assert evidence["columns", "tags", "items", "domain"] == "2 values in 60 rows"


def test_how_the_data_was_read_is_part_of_the_schema():
    """Whoever validates reads the data as inference did."""
    options = InferOptions(reading=ReadOptions(null_values=("NA",), delimiter=";", header=False))
    schema = infer_schema(profiled({"a": [1]}), options).model_dump(exclude_unset=True)
    assert schema["null_values"] == ["NA"]
    assert schema["reading"] == {"delimiter": ";", "header": False}


def test_hints_are_remarks_for_the_reviewer():
    """What looks like a missing marker is said above the column and in the heading."""
    schema = infer_schema(profiled({"a": ["1", "2", "NA"] * 5}))
    assert schema.remarks["columns", "a"] == ["'NA' (5) may mean missing; the other values are integers"]
    assert "--null-value" in schema.remarks[()][-1]


def test_names_are_keys_as_they_are():
    """Empty names, patterns and line breaks name columns like any other text."""
    names = ["", "^a.*$", "*", "a\nb: c", "No"]
    assert list(inferred({name: [1] for name in names})[0]) == names
