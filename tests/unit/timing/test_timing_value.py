"""Values: what their maker makes is what their class makes."""

from dataclasses import field

import pytest

from cadence.timing.value import maker, value


@value(kw_only=True)
class Odd:
    """A value with every kind of field."""

    name: str
    size: int = 3
    parts: list = field(default_factory=list)

    def __post_init__(self):
        if not self.name:
            raise ValueError("a name is needed")


new_odd = maker(Odd)


@pytest.mark.parametrize("given", [{}, {"size": 0}, {"parts": None}, {"size": 5, "parts": [1]}])
def test_a_maker_makes_what_the_class_makes(given):
    assert new_odd(name="a", **given) == Odd(name="a", **given)


def test_each_value_has_its_own_default():
    assert new_odd(name="a").parts is not new_odd(name="a").parts


def test_a_maker_checks_what_the_class_checks():
    with pytest.raises(ValueError, match="a name is needed"):
        new_odd(name="")
    with pytest.raises(TypeError):
        new_odd(size=1)
    with pytest.raises(TypeError):
        new_odd("a")
