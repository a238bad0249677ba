"""What the bench of proposed changes measures is what it says: the sites of one profile."""

from pathlib import Path

from tests.bench.proposed import PROFILES, measure, prepare


def test_the_sites_of_the_edited_profile_are_found_cold_and_warm(tmp_path: Path) -> None:
    prepare(tmp_path, 2 * PROFILES)
    cold, warm = measure(tmp_path, 2 * PROFILES), measure(tmp_path, 2 * PROFILES)
    assert cold.reached == warm.reached
    assert 0 < warm.reached <= 2
