"""How texts are written by their authors: amounts of pesos in one convention a sheet, with at most two decimals."""

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st

#: A busy machine is no failure of what is tested.
patient = settings(deadline=None)


@dataclass(frozen=True)
class Convention:
    """What stands between thousands and before decimals, how many decimals there always are, and around the amount."""

    thousands: str
    decimal: str
    decimals: int
    prefix: str = ""
    suffix: str = ""

    def write(self, cents: int) -> str:
        """Return the amount of so many cents as its author writes it; cents beyond the decimals are no part of it."""
        pesos, rest = divmod(cents, 100)
        whole = f"{pesos:,}".replace(",", self.thousands)
        fraction = f"{self.decimal}{rest:02}"[: 1 + self.decimals] if self.decimals else ""
        return f"{self.prefix}{whole}{fraction}{self.suffix}"

    def meant(self, cents: int) -> Decimal:
        """Return what the author means."""
        unit = 10 ** (2 - self.decimals)
        return Decimal(cents - cents % unit) / 100


SEPARATORS = [
    (".", ","), (",", "."), (" ", ","), (" ", "."), ("\u00a0", ","), ("\u202f", ","), ("", ","), ("", "."),
]  # fmt: skip

conventions = st.builds(
    lambda separators, decimals, prefix, suffix: Convention(separators[0], separators[1], decimals, prefix, suffix),
    st.sampled_from(SEPARATORS),
    st.integers(0, 2),
    st.sampled_from(["", "$", "$ ", "COP ", "cop", "COP $\u00a0", "  "]),
    st.sampled_from(["", " COP", " $", " "]),
)
cents = st.integers(0, 10**14 - 1)
