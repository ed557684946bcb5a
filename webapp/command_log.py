"""A log line for each operator command: which one, how it ended, how long it took. Knows no command and no argument."""

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from webapp.database import db
from webapp.database_faults import fault_of
from webapp.error_descriptions import described
from webapp.log_lines import log

#: Marks what is wrapped already: Flask-Migrate's commands are the same objects for every application of a process.
LOGGED = "writes_a_log_line"


def log_commands(app: Flask) -> None:
    """Have each command of ``app`` write its line; an unforeseen error ends it with one sentence and exit code 1.

    A traceback on the terminal would quote what a driver or a parser quotes, and terminals are logged, too.
    """
    for name, command in _commands(app.cli, ()):
        if command.callback is not None and not hasattr(command.callback, LOGGED):
            command.callback = _logged(name, command.callback)
            setattr(command.callback, LOGGED, True)


def _commands(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def _logged(name: str, callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        began, exit_code = time.perf_counter(), 1
        try:
            result = callback(*args, **kwargs)
            exit_code = 0
        except SystemExit as end:
            exit_code = end.code if isinstance(end.code, int) else int(end.code is not None)
            raise
        except click.ClickException as error:
            exit_code = error.exit_code
            raise
        except (click.Abort, click.exceptions.Exit):
            raise
        except SQLAlchemyError as error:
            log.error("database error", command=name, exc_info=error)
            raise click.ClickException(fault_of(error, db.engine.url).told) from None
        except Exception as error:  # noqa: BLE001 - whatever it is
            log.error("unforeseen error", command=name, exc_info=error)
            raise click.ClickException(f"That failed: {described(error)}. The log line above says where.") from None
        else:
            return result
        finally:
            milliseconds = round((time.perf_counter() - began) * 1000, 2)
            log.info("command", command=name, exit_code=exit_code, milliseconds=milliseconds, actor="command")

    return run
