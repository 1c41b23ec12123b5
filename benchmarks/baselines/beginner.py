"""Baseline: what a careful beginner writes: pandas with openpyxl, and SQLModel's session.add_all.

python beginner.py FILE DATABASE
"""

import sys

import pandas as pd
from sqlmodel import Field, Session, SQLModel, create_engine

_IDENTITY = ["省份", "流域", "断面名称", "监测时间", "水质类别", "抓取时间"]


class Reading(SQLModel, table=True):
    """A value of one indicator at one section at one time."""

    id: int | None = Field(default=None, primary_key=True)
    section: str = Field(index=True)
    indicator: str
    time: str
    value: float


def main() -> None:
    """Read the sheet, melt it, and add every value as an object."""
    frame = pd.read_excel(sys.argv[1], engine="openpyxl")
    identity = [name for name in _IDENTITY if name in frame.columns]
    long = frame.melt(id_vars=identity, var_name="indicator", value_name="value")
    long["value"] = pd.to_numeric(long["value"], errors="coerce")
    long = long.dropna(subset=["value", "断面名称"])
    engine = create_engine(f"sqlite:///{sys.argv[2]}")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(
            Reading(section=row.断面名称, indicator=row.indicator, time=str(row.监测时间), value=row.value)
            for row in long.itertuples()
        )
        session.commit()


if __name__ == "__main__":
    main()
