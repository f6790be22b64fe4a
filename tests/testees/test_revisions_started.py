"""A runtime as it stood at a revision is built and started as it was then, and compared with that of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity import config
from parity.drive import Driver
from parity.errors import UsageError
from parity.processes import Processes
from parity.testees import start as testees

from .repository import SOUND, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.model import RuntimeState

    from .repository import Repository


class Bench:
    """Makes the runtimes of a repository ready."""

    def __init__(self, repository: Repository) -> None:
        self.repository, self.told = repository, list[str]()
        self._driver = Driver()
        self._processes = Processes(repository.state)

    def start(self, runtimes: str) -> dict[str, RuntimeState]:
        settings = config.load(self.repository.root, config.Options(runtimes=runtimes))
        started = testees.start(settings, self._processes, self._driver, self.told.append)
        started.stop()
        return started.states

    def close(self) -> None:
        self._driver.close()
        self._processes.close()


@pytest.fixture
def bench(repository: Repository) -> Iterator[Bench]:
    bench = Bench(repository)
    yield bench
    bench.close()


class TestStart:
    def test_builds_and_starts_each_in_its_own_tree(self, repository: Repository, bench: Bench) -> None:
        build = """["{python}", "-c", "import shutil; shutil.copy('one.py', '{out}/copy.py')"]"""
        repository.write(WRONG, build=build)
        old = repository.commit()
        repository.write(build=build)

        states = bench.start("one,one@HEAD")

        assert {name: state.status for name, state in states.items()} == {"one": "ready", f"one@{old}": "ready"}
        built = repository.state / "build"
        assert SOUND in (built / "one" / "copy.py").read_text()
        assert WRONG in (built / f"one@{old}" / "copy.py").read_text()
        assert f"one@{old}: checking out {old}" in bench.told

    def test_takes_how_it_was_built_and_started_then(self, repository: Repository, bench: Bench) -> None:
        repository.write(gate='["{python}", "-c", "raise SystemExit(\'1 of 3 tests failed\')"]')
        old = repository.commit()
        repository.write()

        states = bench.start("one,one@HEAD")

        assert states["one"].status == "ready"
        assert "1 of 3 tests failed" in str(states[f"one@{old}"].reason)

    def test_of_one_that_did_not_exist_yet_is_failed_with_the_reason(
        self, repository: Repository, bench: Bench
    ) -> None:
        repository.write(name="another")
        old = repository.commit()
        repository.write()
        repository.commit()

        state = bench.start("one,one@HEAD~1")[f"one@{old}"]

        assert (state.status, state.reason) == ("failed", f"there was no runtime 'one' at {old}")

    @pytest.mark.parametrize("then", [None, "[", '[runtimes.one]\nhelper = ["x"]\nsince_removed = 1\n'])
    def test_of_a_parity_toml_that_cannot_be_read_any_more_is_failed(
        self, repository: Repository, bench: Bench, then: str | None
    ) -> None:
        file = repository.root / "parity.toml"
        if then is None:
            file.unlink()
        else:
            file.write_text(then)
        old = repository.commit()
        repository.write()
        repository.commit()

        states = bench.start("one,one@HEAD~1")

        assert states["one"].status == "ready"
        assert states[f"one@{old}"].status == "failed"
        assert old in str(states[f"one@{old}"].reason)

    def test_of_uncommitted_changes_is_without_them(self, repository: Repository, bench: Bench) -> None:
        repository.write(gate='["{python}", "-c", ""]')
        old = repository.commit()
        repository.write(gate='["{python}", "-c", "raise SystemExit(1)"]')

        states = bench.start("one,one@HEAD")

        assert {name: state.status for name, state in states.items()} == {"one": "failed", f"one@{old}": "ready"}

    @pytest.mark.parametrize(
        ("table", "attach"),
        [
            ({"helper": "", "attach": '"127.0.0.1:9"'}, ()),
            ({"helper": "", "url": '"http://127.0.0.1:9"'}, ()),
            ({"helper": "", "callables": '{ size = "json:dumps" }'}, ()),
            ({}, ("one=http://127.0.0.1:9",)),
        ],
        ids=["attach", "url", "callables", "the command line"],
    )
    def test_of_one_that_is_not_started_is_an_error(
        self, repository: Repository, table: dict[str, str], attach: tuple[str, ...]
    ) -> None:
        repository.write(**table)
        repository.commit()

        with pytest.raises(UsageError, match="one@HEAD: only what the harness starts can be built from a revision"):
            config.load(repository.root, config.Options(runtimes="one,one@HEAD", attach=attach))

    def test_of_an_unknown_runtime_is_an_error(self, repository: Repository) -> None:
        repository.commit()

        with pytest.raises(UsageError, match="unknown runtime 'two' in --parity-runtimes two@HEAD; known: one"):
            config.load(repository.root, config.Options(runtimes="one,two@HEAD"))

    def test_knows_no_revision_twice(self, repository: Repository, bench: Bench) -> None:
        old = repository.commit()

        assert list(bench.start("one,one@HEAD,one@main,one@HEAD")) == ["one", f"one@{old}"]

    def test_is_never_the_reference(self, repository: Repository, bench: Bench) -> None:
        repository.write(reference="true")
        repository.commit()

        assert [state.reference for state in bench.start("one,one@HEAD").values()] == [True, False]


class TestRun:
    def test_tells_a_change_of_behaviour_between_revisions(self, repository: Repository) -> None:
        repository.write(WRONG)
        old = repository.commit()
        repository.write()
        repository.commit()

        done = repository.project.parity("run", "--runtimes", "one,one@HEAD~1")

        assert done.code == 1, done
        assert f"one against one@{old}, the contract with one, in " in done.out
        (finding,) = repository.project.summary()["surfaces"][0]["divergences"]
        assert finding["reproduce"].endswith(f"--runtimes one,one@{old}")
        again = repository.project.reproduce(finding["reproduce"])
        assert again.code == 1, again
        assert "checking out" in again.err

    def test_of_what_did_not_change_agrees(self, below: Repository) -> None:
        old = below.commit()

        done = below.project.parity("run", "--runtimes", "one,one@HEAD")

        assert done.code == 0, done
        assert f"one@{old}" in done.out
        assert "agree (2 of 2)" in done.out

    def test_of_an_unknown_revision_is_2(self, repository: Repository) -> None:
        repository.commit()

        done = repository.project.parity("run", "--runtimes", "one,one@--help")

        assert done.code == 2, done
        assert done.err.startswith("parity: '--help' in 'one@--help' is no revision of the repository in ")
        assert len(done.err.splitlines()) == 1
