"""Expand, then contract: each migration says which it is, does what it says, and old code can tell (decision 17)."""

import ast
import inspect
import re
from types import ModuleType

import pytest
from alembic.script import Script, ScriptDirectory

from webapp.app import MIGRATIONS
from webapp.migration_head import REVISION, schema_fault

#: Those of before the rule; a database that is at one of them is upgraded while the service is stopped.
BEFORE_THE_RULE = "0005"
EXPANDS, CONTRACTS = "Expand.", "Contract."
#: What takes something away from code that runs already, or locks it out.
TAKES_AWAY = re.compile(
    r"drop_|rename_|new_table_name|new_column_name|nullable=False|create_unique_constraint|create_check_constraint"
    r"|create_foreign_key|alter_column.*\btype_=|\b(DROP|RENAME|SET NOT NULL|TYPE)\b"
)
GOOD = """
def upgrade():
    \"\"\"Expand.\"\"\"
    op.add_column("customers", sa.Column("a", sa.String(9), nullable=True))
    op.add_column("customers", sa.Column("b", sa.String(9), nullable=False, server_default=""))
    op.create_table("t", sa.Column("id", sa.String(9), nullable=False), sa.UniqueConstraint("id"))
"""


def newer_migrations() -> list[Script]:
    """Those that the rule is for, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return sorted((script for script in scripts if script.revision > BEFORE_THE_RULE), key=lambda one: one.revision)


def kind_of(source: str) -> str:
    """What ``upgrade`` says of itself in the first sentence of its docstring."""
    return (ast.get_docstring(upgrade_of(source)) or "").partition("\n")[0].partition(".")[0] + "."


def upgrade_of(source: str) -> ast.FunctionDef:
    """The function ``upgrade``."""
    (found,) = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"]
    return found


def faults_of(source: str) -> list[str]:
    """The operations of ``upgrade`` on tables that were there before, which an expanding migration must not have.

    A new column may refuse NULL when it has a default; a new table may be as it likes.
    """
    faults = []
    for statement in upgrade_of(source).body[1:]:
        for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
            text = ast.unparse(call)
            name = ast.unparse(call.func).rpartition(".")[2]
            if name == "create_table" or (name == "add_column" and "server_default=" in text):
                continue
            if name in OPERATIONS and TAKES_AWAY.search(text):
                faults.append(text)
    return faults


OPERATIONS = {
    "add_column", "alter_column", "drop_column", "drop_table", "drop_constraint", "drop_index", "rename_table",
    "create_unique_constraint", "create_check_constraint", "create_foreign_key", "execute", "exec_driver_sql",
}  # fmt: skip


def source_of(script: Script) -> str:
    """The text of a migration."""
    module: ModuleType = script.module
    return inspect.getsource(module)


def test_every_migration_is_named_so_that_old_code_can_tell() -> None:
    """Four digits, and what it needs; one that contracts needs something, and so does all that follows it."""
    needed = ""
    for script in newer_migrations():
        name = REVISION.fullmatch(script.revision)
        assert name, script.revision
        if kind_of(source_of(script)) == CONTRACTS:
            assert name["needed"], f"{script.revision} contracts: say which code it needs"
        assert (name["needed"] or "") >= needed, f"{script.revision} must go on to need {needed}"
        needed = name["needed"] or ""


def test_every_migration_does_what_it_says() -> None:
    """The one that expands takes nothing away from the code of before, which goes on running."""
    for script in newer_migrations():
        source = source_of(script)
        assert kind_of(source) in {EXPANDS, CONTRACTS}, (
            f"{script.revision}: begin upgrade()'s docstring with one of them"
        )
        if kind_of(source) == EXPANDS:
            assert faults_of(source) == [], script.revision


def test_a_migration_that_expands_passes() -> None:
    """Columns that may be empty or have a default, and tables."""
    assert kind_of(GOOD) == EXPANDS
    assert faults_of(GOOD) == []


@pytest.mark.parametrize(
    "operation",
    [
        'op.drop_column("customers", "name")',
        'op.drop_table("customers")',
        'op.rename_table("customers", "clients")',
        'op.add_column("customers", sa.Column("a", sa.String(9), nullable=False))',
        'op.alter_column("customers", "email", nullable=False)',
        'op.alter_column("customers", "email", new_column_name="mail")',
        'op.alter_column("customers", "email", type_=sa.Text())',
        'op.create_unique_constraint("uq", "customers", ["email"])',
        'op.execute("ALTER TABLE customers DROP COLUMN name")',
        'op.execute("ALTER TABLE customers ALTER COLUMN name TYPE text")',
    ],
)
def test_a_migration_that_takes_something_away_is_found(operation: str) -> None:
    """Also within a batch, as SQLite needs it."""
    assert len(faults_of(f"{GOOD}    {operation}\n")) == 1
    batch = operation.replace("op.", "batch.")
    assert len(faults_of(f'{GOOD}    with op.batch_alter_table("customers") as batch:\n        {batch}\n')) == 1


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ("0008", ""),
        ("0009", ""),
        ("0010_needs_0008", ""),
        ("0010_needs_0007", ""),
        ("0010_needs_0009", "the database was migrated past this version"),
        ("0007", "the database is not migrated"),
        ("0007_needs_0006", "the database is not migrated"),
        (None, "the database is not migrated"),
        ("another's", "the database is not migrated"),
    ],
)
def test_code_knows_which_databases_it_can_run_on(schema: str | None, fault: str) -> None:
    """Its own and newer ones, unless those need newer code; so an upgrade leaves the running instances ready."""
    assert schema_fault(schema, "0008") == fault
