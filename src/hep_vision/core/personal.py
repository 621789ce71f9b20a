"""How far a person usually moves: what the counter may know before a set begins.

A range is an excursion of a count signal, in that signal's own unit and as one view shows it: the
same movement is another number from the side and from an oblique view, so neither stands in for
the other, and a side that is counted by itself has a range of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, Self

from hep_vision.core.smoothing import NAN
from hep_vision.core.types import Side, View


@dataclass(frozen=True, slots=True)
class SignalRange:
    """An excursion of a count signal.

    Attributes:
        measure: The measure that was counted.
        view: Where it was seen from.
        side: The side that was followed alone; both where the signal made them one.
        rom: Its size in the measure's unit.
    """

    measure: str
    view: View
    side: Side
    rom: float


@dataclass(frozen=True, slots=True)
class PersonalRange:
    """The usual excursion of each count signal of one exercise.

    Attributes:
        usual: At most one range for each signal, view and side.
        origin: Where they come from, in words: "calibration first.mp4".
    """

    usual: tuple[SignalRange, ...]
    origin: str

    @classmethod
    def learnt_from(cls, ranges: Iterable[SignalRange], origin: str) -> Self:
        """Return the medians of what was done; without ranges nothing is known."""
        done: dict[tuple[str, View, Side], list[float]] = defaultdict(list)
        for one in ranges:
            done[one.measure, one.view, one.side].append(one.rom)
        usual = tuple(SignalRange(*key, median(roms)) for key, roms in done.items())
        return cls(usual, origin)

    def rom(self, measure: str, view: View, side: Side) -> float:
        """Return the usual excursion, NaN where it is not known."""
        return next(
            (
                one.rom
                for one in self.usual
                if (one.measure, one.view, one.side) == (measure, view, side)
            ),
            NAN,
        )

    def to_plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        usual = [
            {"measure": one.measure, "view": one.view, "side": one.side, "rom": round(one.rom, 4)}
            for one in self.usual
        ]
        return {"origin": self.origin, "usual": usual}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Return what `to_plain` gave.

        Raises:
            ValueError: It is something else.
        """
        try:
            usual = tuple(
                SignalRange(
                    str(one["measure"]), View(one["view"]), Side(one["side"]), float(one["rom"])
                )
                for one in plain["usual"]
            )
            return cls(usual, str(plain["origin"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a personal range: {plain!r}") from error
