"""Unpacking: once, whole, whoever comes first; broken caches are made again, broken artefacts told."""
from __future__ import annotations

import lzma
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from advisord.errors import SeedError
from advisord.gazetteer import Gazetteer
from advisord.gazetteer.unpacked import ARTEFACT, default_cache, whole

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "gazetteer"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh cache, filled by two programs that start at the same time."""
    folder = tmp_path_factory.mktemp("cache")
    script = """import sys; from pathlib import Path; from advisord.gazetteer import Gazetteer
print(len(Gazetteer.open(Path(sys.argv[1]), Path(sys.argv[2]))))"""
    running = [subprocess.Popen([sys.executable, "-c", script, str(SEEDS), str(folder)], stdout=subprocess.PIPE,
                                text=True) for _ in range(2)]
    answers = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert answers[0] == answers[1] != ""
    return folder


def test_two_starts_at_once_leave_one_whole_cache(cache: Path) -> None:
    """Programs that start at the same instant do not disturb each other and leave nothing half made."""
    folders = sorted(cache.iterdir())
    assert len(folders) == 1
    assert whole(folders[0])


@pytest.mark.parametrize("harm", ["cut", "changed", "missing"])
def test_a_broken_cache_is_seen(cache: Path, tmp_path: Path, harm: str) -> None:
    """A cache that lost or changed bytes is never used."""
    copy = tmp_path / "cache"
    shutil.copytree(cache, copy)
    columns = next(copy.iterdir()) / "columns.bin"
    data = columns.read_bytes()
    if harm == "missing":
        columns.unlink()
    else:
        columns.write_bytes(data[:-100] if harm == "cut" else data[:5000] + b"\x00" + data[5001:])
    assert not whole(columns.parent)


@pytest.mark.slow
def test_a_broken_cache_is_made_again(cache: Path) -> None:
    """The next start mends it, and leaves nothing of the broken one."""
    columns = next(cache.iterdir()) / "columns.bin"
    columns.write_bytes(b"")
    assert Gazetteer.open(SEEDS, cache).named("Bamako, ML")[0].id == "geonames:2460596"
    assert whole(columns.parent)
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("data", [b"", b"no archive", lzma.compress(b"{}\n"), lzma.compress(b"nothing")],
                         ids=["empty", "foreign", "of no format", "no head"])
def test_a_broken_artefact_is_told(tmp_path: Path, data: bytes) -> None:
    """A damaged installation is told by the name of the file, with no traceback."""
    (tmp_path / ARTEFACT).write_bytes(data)
    with pytest.raises(SeedError, match=ARTEFACT):
        Gazetteer.open(tmp_path, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_artefact_is_told(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(SeedError, match=ARTEFACT):
        Gazetteer.open(tmp_path, tmp_path / "cache")


def test_the_cache_folder_follows_the_user(tmp_path: Path) -> None:
    """XDG_CACHE_HOME decides, and without any home the folder for temporary files serves, for this user alone."""
    script = "from advisord.gazetteer.unpacked import default_cache; print(default_cache())"
    environment = {"XDG_CACHE_HOME": str(tmp_path / "mine"), "PATH": ""}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(tmp_path / "mine" / "advisord")
    told = subprocess.run([sys.executable, "-c", script], env={"TMPDIR": str(tmp_path), "PATH": ""},
                          capture_output=True, text=True, check=True)
    assert Path(told.stdout.strip()).parent == tmp_path
    assert default_cache().stat().st_mode & 0o777 in {0o700, 0o755}
