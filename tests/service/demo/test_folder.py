from pathlib import Path

from service.demo.folder import COMPLETE, claim_folder, forget_unfinished


def half_made(folder: Path) -> Path:
    (folder / "postgres").mkdir(parents=True)
    return folder


def test_a_complete_clinic_is_kept(tmp_path: Path) -> None:
    claim_folder(tmp_path)
    (half_made(tmp_path) / COMPLETE).write_text("{}")
    assert forget_unfinished(tmp_path) is False
    assert (tmp_path / "postgres").exists()


def test_a_clinic_that_was_never_completed_is_removed(tmp_path: Path) -> None:
    claim_folder(tmp_path)
    assert forget_unfinished(half_made(tmp_path)) is True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made-up-people"]
    assert forget_unfinished(tmp_path) is False


def test_what_no_demo_made_is_never_unfinished(tmp_path: Path) -> None:
    assert forget_unfinished(half_made(tmp_path)) is False
    assert (tmp_path / "postgres").exists()
