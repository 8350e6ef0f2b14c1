import pytest

from suishoupai.divisions import ancestry, covers, normalise, parent


@pytest.mark.parametrize(
    ("given", "shortest"),
    [
        ("341324", "341324"),
        ("341324000000", "341324"),
        ("341324001000", "341324001"),
        ("341324001", "341324001"),
        ("341324001001", "341324001001"),
        ("341324001001002", "341324001001002"),
    ],
)
def test_padding_is_taken_off(given, shortest):
    assert normalise(given) == shortest


@pytest.mark.parametrize("text", ["", "3413", "34132400", "341324x01", "3413240010010010"])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(ValueError, match="6, 9, 12 or 15 digits"):
        normalise(text)


def test_ancestry_goes_from_county_to_grid():
    codes = ancestry("341324001001002")
    assert codes == ["341324", "341324001", "341324001001", "341324001001002"]
    assert [parent(code) for code in codes] == [None, *codes[:-1]]
    assert all(covers(upper, codes[-1]) for upper in codes)
    assert not covers("341324002", codes[-1])
