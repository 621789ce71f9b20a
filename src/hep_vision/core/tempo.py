"""The pace of a repetition."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long each part of a repetition takes, in ms."""

    out_ms: int
    hold_ms: int
    back_ms: int

    @classmethod
    def parse(cls, text: str) -> "Tempo":
        """Read "2-1-3": seconds out, held, back.

        Raises:
            ValueError: It is not three numbers, or the way takes no time.
        """
        parts = text.split("-")
        try:
            out_s, hold_s, back_s = (float(part) for part in parts)
        except ValueError:
            raise ValueError(
                f"{text!r}: expected seconds out, held and back, such as 2-1-3"
            ) from None
        if not (0.3 <= out_s <= 30 and 0 <= hold_s <= 60 and 0.3 <= back_s <= 30):
            raise ValueError(f"{text!r}: out and back take 0.3 to 30 s, the hold 0 to 60 s")
        return cls(round(1000 * out_s), round(1000 * hold_s), round(1000 * back_s))

    @property
    def whole_ms(self) -> int:
        """How long one repetition takes."""
        return self.out_ms + self.hold_ms + self.back_ms
