"""Statements of the hot paths: Core statements that are compiled once, and then given straight to the driver.

Running a Core statement costs several times what the driver takes for it, even when its compiled form is remembered
(docs/decisions/0019). Knows no table.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic

from sqlalchemy import Connection, Dialect, Executable, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from typing_extensions import TypeVar

#: The attribute in which a driver's connection keeps cursors by the texts of their statements, if it has one.
KEPT_CURSORS = "kept_cursors"
#: So many of one connection.
MOST_KEPT = 100

Row = TypeVar("Row", default=tuple[Any, ...])
Processor = Callable[[Any], Any]


def as_tuple(*values: Any) -> tuple[Any, ...]:
    """A row as it comes."""
    return values


class Statement(Generic[Row]):
    """One statement with named parameters, for every dialect. All engines of one dialect take it in one form.

    Its parameters are all of the names that it binds; there is no expanding ``IN``. An error is SQLAlchemy's, as if
    Core had run it, but without the statement and its parameters.
    """

    def __init__(
        self,
        core: Executable,
        row: Callable[..., Row] = as_tuple,  # type: ignore[assignment]
        *,
        is_prepared: bool = True,
    ) -> None:
        """Without a database.

        Args:
            core: the statement as Core has it.
            row: makes a row of its columns' values.
            is_prepared: whether PostgreSQL may keep it, and a plan of it that fits any values.
        """
        self._core = core
        self._is_prepared = is_prepared
        self._row = row
        self._compiled: dict[str, _Compiled] = {}

    def all(self, connection: Connection, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows that it finds."""
        compiled = self._for(connection)
        make, read = self._row, compiled.read
        return [make(*read(row)) for row in compiled.execute(connection, parameters, "fetchall")]

    def first(self, connection: Connection, parameters: Mapping[str, Any]) -> Row | None:
        """The first row that it finds, or None."""
        compiled = self._for(connection)
        row = compiled.execute(connection, parameters, "fetchone")
        return None if row is None else self._row(*compiled.read(row))

    def run(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Run it, in a transaction as Core would. Returns how many rows it wrote."""
        _begin(connection)
        written: int = self._for(connection).execute(connection, parameters)
        return written

    def run_alone(self, connection: Connection, parameters: Mapping[str, Any]) -> int:
        """Run it without beginning a transaction: where none has begun, it is one. Returns how many rows it wrote."""
        written: int = self._for(connection).execute(connection, parameters)
        return written

    def run_for_each(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of several sets of parameters, in a transaction as Core would."""
        _begin(connection)
        self._for(connection).execute_many(connection, many)

    def _for(self, connection: Connection) -> "_Compiled":
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = _Compiled(self._core, dialect, is_prepared=self._is_prepared)
            self._compiled[dialect.name] = compiled
        return compiled


class _Compiled:
    """A statement for one dialect: its text, and what turns values into the driver's and back."""

    def __init__(self, core: Executable, dialect: Dialect, *, is_prepared: bool) -> None:
        compiled: Any = core.compile(dialect=dialect)  # type: ignore[attr-defined]
        if not isinstance(compiled, SQLCompiler) or compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError("a statement whose text depends on its parameters")
        self._text = str(compiled)
        self._is_positional = compiled.positional
        # psycopg's word for "prepare it"; where a pooler is in front it does not (webapp/postgresql.py).
        self._options = {"prepare": True} if is_prepared and dialect.name == "postgresql" else {}
        self._names: tuple[str, ...] = tuple((compiled.positiontup if compiled.positional else compiled.binds) or ())
        self._defaults = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        # One call for all of them, where there are several.
        self._values_of: Callable[[Mapping[str, Any]], Sequence[Any]] = (
            itemgetter(*self._names) if len(self._names) > 1 else self._few_values_of
        )
        self._writes: list[tuple[int, Processor]] = []
        for index, name in enumerate(self._names):
            processor = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if processor is not None:
                self._writes.append((index, processor))
        columns = core.selected_columns if isinstance(core, Select) else ()
        self._reads: list[tuple[int, Processor]] = []
        for index, column in enumerate(columns):
            processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
            if processor is not None:
                self._reads.append((index, processor))

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        """The driver's row as Python values."""
        if not self._reads:
            return row
        values = list(row)
        for index, processor in self._reads:
            if values[index] is not None:
                values[index] = processor(values[index])
        return values

    def execute(self, connection: Connection, parameters: Mapping[str, Any], fetch: str = "") -> Any:
        """Run it. Returns what the cursor's method ``fetch`` does, or else how many rows were written."""
        cursor = connection.connection.cursor() if fetch == "fetchall" else self._cursor(connection)
        try:
            cursor.execute(self._text, self._bound(parameters), **self._options)
            return getattr(cursor, fetch)() if fetch else cursor.rowcount  # SQLite looks for a row when it is asked for
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_error(connection, error, cursor) from error

    def _cursor(self, connection: Connection) -> Any:
        """A cursor for a statement that finds one row or none.

        psycopg's remembers how the parameters and columns of the statement that it ran last are turned into values, so
        PostgreSQL's connections keep one for each statement. It holds on to what it has found, hence not for many rows.
        """
        kept: dict[str, Any] | None = getattr(connection.connection.dbapi_connection, KEPT_CURSORS, None)
        if kept is None:
            return connection.connection.cursor()
        if (cursor := kept.get(self._text)) is None:
            if len(kept) >= MOST_KEPT:  # there is one statement for each set of fields that a change names
                kept.clear()
            cursor = kept[self._text] = connection.connection.cursor()
        return cursor

    def execute_many(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each set of parameters."""
        cursor = connection.connection.cursor()
        try:
            cursor.executemany(self._text, [self._bound(parameters) for parameters in many])
        except connection.dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_error(connection, error, cursor) from error

    def _bound(self, parameters: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them. Raises KeyError for one that is missing."""
        values = self._values_of({**self._defaults, **parameters} if self._defaults else parameters)
        if self._writes:
            values = list(values)
            for index, processor in self._writes:
                values[index] = processor(values[index])
        return values if self._is_positional else dict(zip(self._names, values, strict=True))

    def _few_values_of(self, parameters: Mapping[str, Any]) -> Sequence[Any]:
        return [parameters[name] for name in self._names]


def has_lists(core: Select[Any]) -> bool:
    """Whether lists of values are among a statement's parameters (``IN``), on which its text then depends."""
    compiled: Any = core.compile()
    return bool(compiled.post_compile_params)


def _begin(connection: Connection) -> None:
    if not connection.in_transaction():
        connection.begin()


def run_text(connection: Connection, statement: str) -> None:
    """Run a statement that is a constant of the code, without parameters; errors are as :class:`Statement`'s."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_error(connection, error, cursor) from error


def _as_sqlalchemy_error(connection: Connection, error: Any, cursor: DBAPICursor) -> BaseException:
    """What Core would raise; a connection that is lost is given up, and with it the others of its pool."""
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if is_lost:
        connection.invalidate(error)
        connection.engine.dispose()
    raised: BaseException = DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    return raised
