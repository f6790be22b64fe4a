"""Directories of cases: laid out and read back without loss, bounded in every way, and gone afterwards."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity.transports import disk
from parity.transports.disk import TooMuchError, lay_out, make_base, read_back, remove
from parity.transports.tree import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: name.strip(b".") and not {0, 0x2F} & set(name))
"""Whatever a name on disk can be, which need not be text."""
FILES = st.builds(lambda mode, content: Entry(mode | 0o400, content), st.integers(0, 0o777), st.binary(max_size=50))
FOLDERS = st.builds(lambda mode: Entry(mode | 0o700, kind="folder"), st.integers(0, 0o777))
LINKS = st.builds(lambda to: Entry(0o777, to, "link"), NAMES)
SPECIALS = st.builds(lambda mode: Entry(mode, kind="special"), st.integers(0, 0o777))


@st.composite
def trees(draw: st.DrawFn, prefix: str = "", depth: int = 3) -> dict[str, Entry]:
    """Draw the entries of a directory, folders before what lies in them."""
    entries = {}
    for raw in draw(st.lists(NAMES, max_size=3, unique=True)):
        name = prefix + raw.decode("utf-8", "surrogateescape")
        entry = draw(st.one_of(FILES, LINKS, SPECIALS, *[FOLDERS] * (depth > 0)))
        if entry.kind == "folder":
            entries[name + "/"] = entry
            entries |= draw(trees(name + "/", depth - 1))
        else:
            entries[name] = entry
    return entries


@pytest.fixture
def root() -> Iterator[str]:
    base = make_base()
    yield f"{base}/1"
    remove(base)
    assert not base.exists()


class TestLayOut:
    @given(trees(), trees())
    @settings(max_examples=150, deadline=None)
    def test_and_read_back_are_inverse_also_where_something_lies_already(
        self, one: Mapping[str, Entry], other: Mapping[str, Entry]
    ) -> None:
        base = make_base()
        try:
            for entries in (one, other):
                lay_out(entries, f"{base}/1")
                assert read_back(f"{base}/1") == entries
                lay_out(read_back(f"{base}/1"), f"{base}/2")
                assert read_back(f"{base}/2") == entries
        finally:
            remove(base)
        assert not base.exists()

    @pytest.mark.parametrize("mask", [0, 0o027, 0o077])
    def test_gives_the_modes_that_are_wanted_whatever_the_umask(self, root: str, mask: int) -> None:
        folders = {"d/": Entry(0o755, kind="folder"), "c/": Entry(0o500, kind="folder")}
        entries = folders | {"d/a": Entry(0o644, b"x"), "b": Entry(0o466), "c/x": Entry(0o600)}
        before = os.umask(mask)
        try:
            lay_out(entries, root)
        finally:
            os.umask(before)

        assert {name: f"{entry.mode:o}" for name, entry in read_back(root).items()} == {
            "d/": "755",
            "d/a": "644",
            "b": "466",
            "c/": "500",
            "c/x": "600",
        }
        assert stat.S_IMODE(Path(root).stat().st_mode) == 0o700

    @pytest.mark.parametrize("kind", ["file", "link", "broken-link", "fifo"])
    def test_takes_the_place_of_whatever_is_there(self, root: str, tmp_path: Path, kind: str) -> None:
        (tmp_path / "kept").mkdir()
        (tmp_path / "kept" / "x").touch()
        match kind:
            case "file":
                Path(root).touch()
            case "link":
                Path(root).symlink_to(tmp_path / "kept")
            case "broken-link":
                Path(root).symlink_to(tmp_path / "nowhere")
            case "fifo":
                os.mkfifo(root)

        lay_out({"a": Entry(0o600, b"x")}, root)

        assert read_back(root) == {"a": Entry(0o600, b"x")}
        assert (tmp_path / "kept" / "x").exists()


class TestReadBack:
    def test_does_not_follow_links(self, root: str, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "secret").write_text("s")
        lay_out({}, root)
        for name, to in [
            ("file", "/etc/passwd"),
            ("folder", str(tmp_path / "elsewhere")),
            ("self", "self"),
            ("up", ".."),
        ]:
            (Path(root) / name).symlink_to(to)

        assert read_back(root) == {
            "file": Entry(0o777, b"/etc/passwd", "link"),
            "folder": Entry(0o777, bytes(tmp_path / "elsewhere"), "link"),
            "self": Entry(0o777, b"self", "link"),
            "up": Entry(0o777, b"..", "link"),
        }

    def test_does_not_wait_for_what_is_no_file(self, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
        lay_out({}, root)
        os.mkfifo(f"{root}/fifo", 0o600)
        monkeypatch.chdir(root)  # the path of a socket is short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            Path("socket").chmod(0o600)

            assert read_back(root) == {name: Entry(0o600, kind="special") for name in ("fifo", "socket")}

    def test_opens_without_waiting_and_without_following(self, root: str) -> None:
        """Between the look at a file and its opening it may become something else."""
        lay_out({"a": Entry(0o600), "l": Entry(0o777, b"/etc/passwd", "link")}, root)

        opened = disk._without_waiting(f"{root}/a", os.O_RDONLY)
        assert fcntl.fcntl(opened, fcntl.F_GETFL) & os.O_NONBLOCK
        os.close(opened)
        with pytest.raises(OSError) as caught:  # noqa: PT011 - its number is looked at
            disk._without_waiting(f"{root}/l", os.O_RDONLY)
        assert caught.value.errno == errno.ELOOP

    @pytest.mark.parametrize("kind", ["missing", "file", "link"])
    def test_of_what_is_no_directory_is_an_error(self, root: str, tmp_path: Path, kind: str) -> None:
        (tmp_path / "elsewhere").mkdir()
        if kind == "file":
            Path(root).touch()
        elif kind == "link":
            Path(root).symlink_to(tmp_path / "elsewhere")

        with pytest.raises(FileNotFoundError if kind == "missing" else NotADirectoryError):
            read_back(root)

    def test_takes_so_many_files_and_no_more(self, root: str) -> None:
        lay_out({str(at): Entry(0o600) for at in range(disk.MOST_ENTRIES)}, root)
        assert len(read_back(root)) == disk.MOST_ENTRIES

        (Path(root) / "one-more").mkdir()
        with pytest.raises(TooMuchError, match="more than 1,000 files"):
            read_back(root)

    def test_takes_so_many_bytes_and_no_more(self, root: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk, "MOST_BYTES", 10)
        lay_out({"a": Entry(0o600, b"x" * 4), "b": Entry(0o600, b"x" * 6)}, root)
        assert len(read_back(root)) == 2

        with (Path(root) / "b").open("ab") as file:
            file.write(b"x")
        with pytest.raises(TooMuchError, match="more than 10 bytes"):
            read_back(root)

    def test_does_not_read_a_file_that_is_too_large(self, root: str) -> None:
        lay_out({"a": Entry(0o600)}, root)
        os.truncate(f"{root}/a", 2**40)  # which takes no place; to read it would take more than there is

        with pytest.raises(TooMuchError, match="more than 67,108,864 bytes"):
            read_back(root)

    def test_is_not_led_on_by_a_file_that_grows(self) -> None:
        with pytest.raises(TooMuchError):
            disk._read("/proc/self/status", 10)  # it calls itself empty, and is not


def nest(root: str, name: str, depth: int) -> None:
    """Make folders in folders, far beyond what a path can say."""
    Path(root).mkdir()
    at = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)


class TestDepth:
    def test_is_no_matter(self, root: str) -> None:
        nest(root, "d", 900)
        found = read_back(root)
        assert len(found) == 901

        lay_out(found, root)

        assert read_back(root) == found

    @pytest.mark.parametrize(("name", "depth"), [("d", 5_000), ("d" * 255, 40)])
    def test_beyond_all_bounds_is_told_and_taken_away(self, root: str, name: str, depth: int) -> None:
        nest(root, name, depth)

        with pytest.raises((TooMuchError, OSError)):
            read_back(root)
        remove(root)

        assert list(Path(root).parent.iterdir()) == []


AS_SOMEBODY = """
import os, sys, tempfile
from pathlib import Path
from parity.transports import disk
from parity.transports.tree import Entry
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)  # for whom modes hold
base = Path(tempfile.mkdtemp())
root = f"{base}/1"
closed = {"d/": Entry(0o700, kind="folder"), "d/e/": Entry(0o000, kind="folder"), "f": Entry(0o000)}
disk.lay_out(closed, root)
try:
    disk.read_back(root)
except PermissionError:
    print("told")
disk.lay_out({"d/": Entry(0o500, kind="folder"), "d/a": Entry(0o400, b"x")}, root)
print(sorted(disk.read_back(root)))
disk.lay_out({"d/": Entry(0o700, kind="folder"), "d/e/": Entry(0o700, kind="folder"), "d/e/f": Entry(0o600)}, root)
os.chmod(f"{root}/d/e", 0)
os.chmod(f"{root}/d", 0o100)
os.chmod(root, 0)
disk.remove(base)
print(base.exists(), os.path.lexists(f"{base}_1"))
"""


class TestRemove:
    def test_does_not_ask_for_permission(self) -> None:
        ran = subprocess.run([sys.executable, "-c", AS_SOMEBODY], capture_output=True, text=True, check=False)

        assert (ran.stdout, ran.stderr) == ("told\n['d/', 'd/a']\nFalse False\n", "")

    def test_leaves_alone_what_links_lead_to(self, root: str, tmp_path: Path) -> None:
        (tmp_path / "kept").mkdir(mode=0o750)
        (tmp_path / "kept" / "x").touch()
        lay_out({"d/": Entry(0o700, kind="folder")}, root)
        for link in ("l", "d/l"):
            (Path(root) / link).symlink_to(tmp_path / "kept")

        remove(root)

        assert list(Path(root).parent.iterdir()) == []
        assert (tmp_path / "kept" / "x").exists()
        assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o750

    def test_of_nothing_is_nothing(self, root: str) -> None:
        remove(root)

        assert not os.path.lexists(root)


class TestBase:
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(disk, "MEMORY", tmp_path)

    def test_is_a_new_folder_of_our_own(self, tmp_path: Path) -> None:
        one, other = make_base(), make_base()

        assert one != other
        assert {one.parent, other.parent} == {tmp_path}
        assert [stat.S_IMODE(base.stat().st_mode) for base in (one, other)] == [0o700, 0o700]

    def test_takes_away_what_a_dead_harness_left(self, tmp_path: Path) -> None:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        left = tmp_path / f"parity-cases-{dead.pid}-ab_1"
        lay_out({"1/": Entry(0o700, kind="folder"), "1/a": Entry(0o600, b"x")}, str(left))

        assert list(tmp_path.iterdir()) == [left]

        base = make_base()

        assert list(tmp_path.iterdir()) == [base]

    def test_leaves_what_is_a_living_ones_or_somebody_elses(self, tmp_path: Path) -> None:
        mine = make_base()
        lay_out({"a": Entry(0o600, b"x")}, f"{mine}/1")
        names = [
            f"parity-cases-{os.getppid()}-x",
            "parity-cases-x-y",
            "parity-cases-",
            "parity-cases-99999999",
            "other",
        ]
        for name in names:
            (tmp_path / name).mkdir()

        base = make_base()

        assert {path.name for path in tmp_path.iterdir()} == {mine.name, base.name, *names}
        assert read_back(f"{mine}/1") == {"a": Entry(0o600, b"x")}

    def test_is_where_temporary_files_are_if_memory_is_no_place(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(disk, "MEMORY", tmp_path / "none")
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

        assert make_base().parent == tmp_path
