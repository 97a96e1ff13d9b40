"""What users install, in empty homes: cargo's program and the wheel (from `make packages`)."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import Build, at
from drive import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from drive import Debugger

PROGRAM = ROOT / "build" / "installed" / "bin" / "dbg-session"


def say(debugger: Debugger, program: Path, *words: str) -> str:
    """What an installed program prints, in the debugger's own home."""
    done = subprocess.run(
        [program, *words],
        cwd=debugger.cwd,
        env=debugger.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def files_below(folder: Path) -> list[str]:
    """All files below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture(scope="session")
def wheel_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script of the wheel, in a virtual environment of its own."""
    wheels = sorted((ROOT / "build" / "wheels").glob("*.whl"), key=lambda path: path.stat().st_mtime_ns)
    assert wheels, "there is no wheel: `make packages` builds it"
    environment = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True, timeout=120)
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-index", "--no-deps", wheels[-1]], check=True, timeout=120)
    return environment / "bin" / "dbg-session"


def check_that_it_records(debugger: Debugger, build: Build, program: Path) -> None:
    debugger.run_script(build("loop.c"), [f"break {at('loop.c', 'squared')}", "run", "continue"])
    assert [hit["hit_seq"] for hit in debugger.session().hits()] == [1, 2]
    assert "loop.c" in say(debugger, program, "hits")


def test_the_program_alone_makes_a_debugger_record(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    say(debugger, PROGRAM, "setup", f"--{debugger.kind}")
    package = debugger.home / ".local" / "share" / "dbg-session" / "dbg_session"
    assert (package / "_native.abi3.so").exists()
    assert str(package) in debugger.dotfile.read_text()
    check_that_it_records(debugger, build, PROGRAM)


@pytest.mark.any_version
def test_setting_up_again_replaces_the_plugin(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    say(debugger, PROGRAM, "setup")
    package = debugger.home / ".local" / "share" / "dbg-session" / "dbg_session"
    (package / "plugin" / "plugin.py").write_text("an older version that does not work")
    (package / "left_over.py").touch()
    (package / "values" / "left_over.py").touch()
    say(debugger, PROGRAM, "setup")
    assert not list(package.rglob("left_over.py"))
    check_that_it_records(debugger, build, PROGRAM)


@pytest.mark.any_version
def test_uninstalling_leaves_the_home_empty(debugger: Debugger, build: Build) -> None:
    debugger.without_plugin()
    say(debugger, PROGRAM, "setup")
    debugger.run_script(build("loop.c"), ["break square", "run"])
    say(debugger, PROGRAM, "setup", "--uninstall")
    assert [name for name in files_below(debugger.home) if "dbg" in name or "init" in name] == []


@pytest.mark.any_version
def test_printing_writes_nothing(debugger: Debugger) -> None:
    debugger.without_plugin()
    assert debugger.load_line.split()[0] in say(debugger, PROGRAM, "setup", "--print")
    assert files_below(debugger.home) == []


def test_the_wheel_makes_a_debugger_record(debugger: Debugger, build: Build, wheel_program: Path) -> None:
    debugger.without_plugin()
    say(debugger, wheel_program, "setup")
    assert str(wheel_program.parent.parent) in debugger.dotfile.read_text()
    check_that_it_records(debugger, build, wheel_program)


def test_the_doctor_sees_that_it_works(debugger: Debugger, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    # Under its plain name, as on a PATH of the user's; the wheels' programs find their own files.
    (folder / debugger.kind).symlink_to(debugger.program)
    command = [str(PROGRAM), "doctor"]
    environment = {**debugger.environment, "PATH": f"{folder}:/nowhere"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert "A hit was recorded" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_a_published_crate_holds_the_plugin() -> None:
    command = ["cargo", "package", "--list", "--allow-dirty", "--offline"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    packed = set(done.stdout.splitlines())
    sources = [
        *(ROOT / "python").rglob("*.py"),
        *(ROOT / "src").rglob("*.rs"),
        *(ROOT / "src").rglob("*.sql"),
    ]
    wanted = {str(path.relative_to(ROOT)) for path in sources} | {
        "build.rs",
        "Cargo.lock",
        "LICENSE",
    }
    assert wanted - packed == set()
    assert not any(name.startswith(("tests/", "tools/", ".ci/")) for name in packed)
