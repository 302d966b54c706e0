"""The benchmarks run, and judge what they measured."""

import pytest

from benchmarks.__main__ import main
from benchmarks.table import Figure, render


def test_the_benchmarks_run_at_a_tiny_size(tmp_path, capsys):
    assert main(["--tiny", "--folder", str(tmp_path), "--only", "sqlite", "memory", "hooks"]) == 0
    said = capsys.readouterr().out
    assert "| actions/s, SQLite FULL, 20 due of 600 " in said
    assert "| tick memory at 40 due " in said
    assert "| hooks: texts/s, 8 clients, SQLite FULL " in said
    assert not list(tmp_path.glob("shop*")), "copies are thrown away"


@pytest.mark.parametrize(
    ("measured", "verdict", "holds"), [(0.7, "want", True), (0.5, "must", True), (0.39, "MISSED", False)]
)
def test_of_a_rate_more_is_better(measured, verdict, holds):
    figure = Figure("rate", measured, "", 0.4, 0.6, more_is_better=True)
    assert (figure.verdict, figure.holds) == (verdict, holds)


@pytest.mark.parametrize(
    ("measured", "verdict", "holds"), [(60, "want", True), (99, "must", True), (100.5, "MISSED", False)]
)
def test_of_memory_less_is_better(measured, verdict, holds):
    figure = Figure("memory", measured, "MiB", 100, 70)
    assert (figure.verdict, figure.holds) == (verdict, holds)


def test_the_table_says_what_must_hold_beside_what_was_measured():
    head, _, row = render([Figure("memory", 71.4, "MiB", 100, 70, detail="as it was")]).splitlines()
    assert " ".join(head.split()) == "| figure | must | want | measured | holds | behind it |"
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "memory", "100 MiB", "70 MiB", "71.4 MiB", "must", "as it was",
    ]  # fmt: skip
