"""What the product's own text must not hold, so that some holes cannot be opened without being seen here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import niktokromenas

SOURCE = Path(niktokromenas.__file__).parent
MODULES = {str(path.relative_to(SOURCE)): ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}
assert len(MODULES) > 200


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield _name(node.func), node


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.abuse(20)
def test_no_shell_is_ever_started() -> None:
    """Programs are run by their arguments, files are decoded by libraries in processes with limits."""
    shells = (
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "asyncio.create_subprocess_shell",
        "eval",
        "exec",
    )
    for path, tree in MODULES.items():
        for name, call in _calls(tree):
            assert name not in shells, path
            assert not any(k.arg == "shell" for k in call.keywords), path
        assert not {"pickle", "marshal", "shelve", "yaml"} & set(_imports(tree)), path


RUNS_PROGRAMS = {
    "adapters/backup/postgresql.py",
    "adapters/esia/openssl.py",
    "adapters/files/apart.py",
    "adapters/files/decoder.py",
}


@pytest.mark.abuse(20)
def test_only_backup_signing_and_decoding_start_programs() -> None:
    ways = ("subprocess", "create_subprocess_exec", "multiprocessing", "posix_spawn")
    found = {
        path
        for path, tree in MODULES.items()
        if any(way in each for each in _imports(tree) for way in ways)
        or any(name.rpartition(".")[2] in ways for name, _ in _calls(tree))
    }
    assert found <= RUNS_PROGRAMS, found - RUNS_PROGRAMS


GOES_OUT = ("adapters/esia/", "adapters/smtp/", "adapters/platform.py")
"""To the addresses of the settings: ESIA and the mail server; `platform` opens the session for ESIA."""
CLIENTS = (
    "urllib.request",
    "aiohttp.ClientSession",
    "http.client",
    "requests",
    "httpx",
    "aiosmtplib",
    "ftplib",
)


@pytest.mark.abuse(28)
def test_only_esia_and_mail_go_out() -> None:
    found = {
        path
        for path, tree in MODULES.items()
        if any(each.startswith(CLIENTS) for each in _imports(tree))
        or any(
            name.endswith((".ClientSession", "create_connection", "open_connection"))
            for name, _ in _calls(tree)
        )
    }
    assert found
    assert [path for path in found if not path.startswith(GOES_OUT)] == []
