"""`advisord init` as a newcomer runs it."""
from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisord.cli.main import main
from advisord.settings.catalogue import catalogue
from advisord.settings.config import FILES
from advisord.settings.document import document
from advisord.settings.folders import shipped


def run(*words: str) -> Result:
    """A command with these words."""
    return CliRunner().invoke(main, list(words))


def feeds(folder: Path) -> set[str]:
    """The ids in the feeds.yaml that was written."""
    read, faults = document("feeds.yaml", (folder / "feeds.yaml").read_bytes(), {})
    assert not faults
    assert isinstance(read.value, dict)
    rows = read.value["feeds"]
    assert isinstance(rows, list)
    return {str(row["id"]) for row in rows if isinstance(row, dict)}


@pytest.mark.parametrize("words", [(), ("--region", "sahel")], ids=["the-world", "sahel"])
def test_what_it_writes_works_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    """I can start the service with what I was given, and check has nothing to say."""
    folder = tmp_path / "mine"
    written = run("init", str(folder), *words)
    assert written.exit_code == 0, written.output
    assert ("run it again with --force and --region: " in written.output) is (not words)
    checked = run("check", str(folder))
    assert checked.exit_code == 0
    assert checked.output.startswith(f"{folder} is fine: "), checked.output


def test_a_region_adds_its_feeds_to_those_of_the_world(tmp_path: Path) -> None:
    """--region sahel reads what a desk for the Sahel would, and the world's alerts as well."""
    run("init", str(tmp_path / "world"))
    run("init", str(tmp_path / "sahel"), "--region", "Sahel")
    world, sahel = feeds(tmp_path / "world"), feeds(tmp_path / "sahel")
    known = catalogue(shipped("seeds") / "catalogue.yaml").feeds
    assert world == {feed.id for feed in known if "world" in feed.regions}
    assert sahel - world == {feed.id for feed in known if "sahel" in feed.regions} - world
    assert sahel > world


def test_feeds_are_written_as_the_catalogue_has_them(tmp_path: Path) -> None:
    """Address, language, country, grade and reason of each feed come through as they are."""
    run("init", str(tmp_path / "mine"), "--region", "sahel")
    text = (tmp_path / "mine" / "feeds.yaml").read_text(encoding="utf-8")
    rows = document("feeds.yaml", text.encode(), {})[0].value
    assert isinstance(rows, dict)
    by_id = {feed.id: feed for feed in catalogue(shipped("seeds") / "catalogue.yaml").feeds}
    assert rows["feeds"]
    for row in rows["feeds"]:  # type: ignore[union-attr]  # a list, by the test above
        assert isinstance(row, dict)
        feed = by_id[str(row["id"])]
        assert (row["url"], row.get("language"), row.get("country"), row["reliability"], row.get("official", False)) \
            == (feed.url, feed.language, feed.country, feed.reliability, feed.official)
        assert feed.why in text


def test_editors_find_the_schema_of_each_file(tmp_path: Path) -> None:
    """Each file names a schema in its first line, and the schema lies where it says."""
    run("init", str(tmp_path))
    for name in FILES:
        first = (tmp_path / name).read_text(encoding="utf-8").splitlines()[0]
        assert (tmp_path / first.removeprefix("# yaml-language-server: $schema=")).is_file()


def test_nothing_is_replaced_unless_told(tmp_path: Path) -> None:
    """A configuration that stands there is safe from a second init, but for --force."""
    (tmp_path / "rules.yaml").write_text("mine\n", encoding="utf-8")
    refused = run("init", str(tmp_path))
    assert refused.exit_code == 1
    assert "rules.yaml already; --force replaces them" in refused.output
    assert (tmp_path / "rules.yaml").read_text(encoding="utf-8") == "mine\n"
    assert not (tmp_path / "feeds.yaml").exists()
    assert run("init", str(tmp_path), "--force").exit_code == 0
    assert (tmp_path / "rules.yaml").read_text(encoding="utf-8") != "mine\n"


def test_a_region_that_is_none_is_told_with_those_there_are(tmp_path: Path) -> None:
    """A slip in the region writes nothing and lists the regions."""
    result = run("init", str(tmp_path / "mine"), "--region", "sahell")
    assert result.exit_code == 2
    assert "'sahell' is no region; did you mean 'sahel'?" in result.output
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in the way is a sentence, not a traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("init", str(tmp_path / "file" / "mine"))
    assert result.exit_code == 1
    assert "can't be written" in result.output
