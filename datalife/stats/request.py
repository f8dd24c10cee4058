"""What a profile is to tell, beyond the statistics that every column has."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datalife.sources.model import ReadOptions


@dataclass(frozen=True)
class Request:
    """What the user wants to know; columns by name.

    `top` is how many of the most frequent values are told, `bins` the bins of a histogram. Without `state` the
    profile is for reading alone: it cannot be merged or compared later. `exact` keeps every value in memory, so
    that nothing is estimated. `by` asks for the statistics of each slice, `weight` names the weight of each row,
    `label` what is to be predicted, `group` whose rows are compared for fairness, `cross` two columns whose
    combinations are counted, `correlations` asks how the columns go together. `sort` is a key of SORTS.
    """

    top: int = 20
    bins: int = 10
    state: bool = True
    exact: bool = False
    by: tuple[str, ...] = ()
    weight: str | None = None
    label: str | None = None
    correlations: bool = False
    group: tuple[str, ...] = ()
    cross: tuple[str, ...] = ()
    sort: str = "data"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that something is asked of, whether or not it is to be profiled itself."""
        single = tuple(name for name in (self.weight, self.label) if name is not None)
        return tuple(dict.fromkeys((*self.by, *single, *self.group, *self.cross)))

    def reading(self, options: ReadOptions) -> ReadOptions:
        """The options of reading with every column that something is asked of, beside those that the user chose."""
        if options.columns is None:
            return options
        return replace(options, columns=tuple(dict.fromkeys((*options.columns, *self.columns))))
