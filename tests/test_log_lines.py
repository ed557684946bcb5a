"""The log itself: every line is one JSON object, nobody can forge one, and a lost one takes no request with it."""

import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask

from tests.conftest import SECRET_KEY, SettingsMaker
from webapp.command_log import log_commands
from webapp.error_descriptions import described, traceback_of
from webapp.log_lines import LINES, StandardLines, configure_logging, log
from webapp.settings import PROJECT_ROOT

SECRET = "zebra-crossing-at-midnight"


@pytest.fixture
def lines(make_settings: SettingsMaker, capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since the last look, in a process that logs everything."""
    configure_logging(make_settings(log_level="DEBUG"))
    return lambda: [json.loads(line) for line in capsys.readouterr().err.split("\n")[:-1]]


def test_nobody_can_forge_a_line(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Line ends and quotes in a value stay in the value."""
    value = 'a\r\n{"event": "forged"}\u2028\x85"'
    log.info("told", value=value)
    (line,) = lines()
    assert (line["event"], line["value"]) == ("told", value)


def test_half_a_surrogate_pair_is_a_line_all_the_same(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """And what is no plain value is named, not shown."""
    log.info("told", value="\ud800", thing=ValueError(SECRET))
    (line,) = lines()
    assert (line["value"], line["thing"]) == ("\ud800", "<ValueError>")


def test_an_exception_tells_where_and_what_but_not_its_words(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Nor the words of what caused it, nor local values."""
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise KeyError(SECRET) from error
    except KeyError:
        log.exception("failed")
    (line,) = lines()
    assert line["level"] == "error"
    assert SECRET not in line["exception"]
    assert [text for text in line["exception"].splitlines() if not text.startswith((" ", "Traceback"))] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]
    assert "test_log_lines.py" in line["exception"]


def test_an_error_of_the_system_says_which() -> None:
    """But no file's name, which a person may have chosen."""
    with pytest.raises(FileNotFoundError) as caught:
        Path(f"/{SECRET}").read_text(encoding="utf-8")
    assert described(caught.value) == "builtins.FileNotFoundError No such file or directory"


def test_errors_that_cause_each_other_are_told_once() -> None:
    """A circle ends."""
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert traceback_of(one).count("builtins.") == 2


def test_other_libraries_are_heard_without_their_values(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """The template of a message alone; of one that was put together beforehand, nothing. Warnings and worse."""
    other = logging.getLogger("some.library")
    other.warning("could not read %s", SECRET)
    other.warning(f"could not read {SECRET}")
    other.info("read %s", SECRET)
    try:
        int(SECRET)
    except ValueError:
        other.exception("failed at %s", SECRET)
    told = lines()
    assert [line["event"] for line in told] == ["could not read %s", "(not logged)", "failed at %s"]
    assert [line["level"] for line in told] == ["warning", "warning", "error"]
    assert {line["logger"] for line in told} == {"some.library"}
    assert SECRET not in json.dumps(told)


def test_what_cannot_be_made_a_line_raises_nothing(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Logging would print the record with all of its values."""
    record = logging.LogRecord("uvicorn.error", logging.WARNING, __file__, 1, "%d", (SECRET,), None)
    StandardLines().handle(record)
    assert lines() == []


def test_warnings_are_lines_without_their_text(lines: Callable[[], list[dict[str, Any]]]) -> None:
    """Which kind, and where."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(SECRET, UserWarning, stacklevel=1)
    (line,) = lines()
    assert (line["event"], line["category"], line["level"]) == ("warning", "UserWarning", "warning")
    assert SECRET not in json.dumps(line)


def broken_stream(fault: str) -> Any:
    """A standard error that takes no line."""
    if fault == "none":
        return None
    if fault == "closed pipe":
        reader, writer = os.pipe()
        os.close(reader)
        return os.fdopen(writer, "w", encoding="utf-8")
    if fault == "full disk":
        return os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", encoding="utf-8")
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    return closed


@pytest.mark.parametrize("broken", ["full disk", "closed pipe", "closed", "none"])
def test_a_line_that_cannot_be_written_is_lost_and_counted(app: Flask, broken: str, monkeypatch: Any) -> None:
    """The request is answered as ever, and when there is room again the log goes on with a line of its own."""
    configure_logging(app.extensions["customer_desk_settings"])
    stream = broken_stream(broken)
    before = LINES.lost
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        log.error("told")
        assert app.test_client().get("/livez").status_code == 200
    if stream is not None:
        stream.close()
    assert LINES.lost == before + 1
    shown = app.test_client().get("/metrics").text
    assert f"customer_desk_log_lines_lost_total {LINES.lost - before:.1f}" in shown


def test_a_torn_line_does_not_take_the_next_one_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written in part is ended before the next line begins."""

    class Narrow:
        """A disk with room for ten more bytes, then for none, then for everything."""

        def __init__(self) -> None:
            self.room, self.written = [10, 0], b""

        def write(self, data: bytes) -> int:
            if not self.room:
                self.written += data
                return len(data)
            room = self.room.pop(0)
            if not room:
                raise OSError(28, "No space left on device")
            self.written += data[:room]
            return room

    disk = Narrow()
    monkeypatch.setattr(sys, "stderr", type("Stream", (), {"buffer": disk}))
    for number in range(3):
        LINES.write(b'{"number": %d}\n' % number)
    assert disk.written == b'{"number":\n{"number": 1}\n{"number": 2}\n'


def test_a_command_writes_a_line(app: Flask) -> None:
    """Which one, how it ended, how long it took; not its arguments."""
    configure_logging_of_commands(app)
    result = app.test_cli_runner().invoke(args=["staff", "disable", f"{SECRET}@desk.example"])
    line = json.loads(result.stderr.splitlines()[0])
    assert (line["command"], line["exit_code"], line["actor"]) == ("staff disable", 1, "command")
    assert SECRET not in result.stderr.splitlines()[0]


def configure_logging_of_commands(app: Flask) -> None:
    """As LOG_LEVEL=INFO does."""
    settings = app.extensions["customer_desk_settings"]
    values = {name: getattr(settings, name) for name in settings.__slots__} | {"log_level": "INFO"}
    configure_logging(type(settings)(**values))


def test_a_command_that_fails_unforeseen_says_so_in_one_sentence(app: Flask) -> None:
    """Its traceback is in the log, without the words of the error."""

    @app.cli.command("fail")
    def fail() -> None:
        int(SECRET)

    log_commands(app)
    configure_logging_of_commands(app)
    result = app.test_cli_runner().invoke(args=["fail"])
    failed, ended, said = result.stderr.splitlines()
    assert json.loads(failed)["exception"].endswith("builtins.ValueError")
    assert json.loads(ended)["exit_code"] == result.exit_code == 1
    assert said == "Error: That failed: builtins.ValueError. The log line above says where."


def test_a_command_that_is_given_up_is_told_as_such(app: Flask) -> None:
    """Ctrl+C, and an exit code of the command's own."""
    ends: dict[str, BaseException] = {"leave": SystemExit(3), "give-up": click.Abort()}
    runner = app.test_cli_runner()
    for name, end in ends.items():

        @app.cli.command(name)
        def run(end: BaseException = end) -> None:
            raise end

    log_commands(app)
    configure_logging_of_commands(app)
    told = [json.loads(runner.invoke(args=[name]).stderr.splitlines()[0]) for name in ends]
    assert [(line["command"], line["exit_code"]) for line in told] == [("leave", 3), ("give-up", 1)]


@pytest.mark.parametrize(
    ("failing", "exit_code"),
    [
        (f"int('{SECRET}')", 1),
        (f"import threading; one = threading.Thread(target=int, args=('{SECRET}',)); one.start(); one.join()", 0),
    ],
    ids=["in the process", "in a thread"],
)
def test_an_uncaught_error_of_a_server_is_a_line(failing: str, exit_code: int) -> None:
    """Not a traceback with its words."""
    code = (
        "from webapp import Settings; from webapp.log_lines import configure_logging, log_uncaught_errors\n"
        f"configure_logging(Settings.from_environment({{'SECRET_KEY': '{SECRET_KEY}'}}))\n"
        f"log_uncaught_errors(); {failing}"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    line = json.loads(result.stderr)
    assert (line["event"], line["level"], result.returncode) == ("uncaught error", "critical", exit_code)
    assert line["exception"].endswith("builtins.ValueError")
    assert SECRET not in result.stderr
