"""What administration tests share: people of another tenant, forms that are opened and sent, the time that passes."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from tests.support.clients import DeskClient, Page
from tests.support.world import ELSEWHERE, PASSWORD, World
from webapp.access.model import Staff
from webapp.access.staff import create_staff
from webapp.access.staff_members import find_by_email
from webapp.database import Base, reading, transaction
from webapp.identifiers import now


def send(desk: DeskClient, path: str, within: str = "main form", to: str = "", **values: str) -> Page:
    """Open a page, fill its form in, and send it, to its own address or to another."""
    return desk.post(to or path, desk.get(path).form_values(within) | values)


def staff_row(app: Flask, email: str) -> Any:
    """A person's row as it is stored."""
    with app.app_context(), reading() as connection:
        return connection.execute(select(Staff.__table__).where(Staff.email == email)).mappings().one()


def stranger_of(world: World) -> str:
    """The ID of a person of the other tenant, who is new."""
    with world.app.app_context():
        create_staff("stranger@elsewhere.example", "admin", tenant_id=ELSEWHERE.tenant_id, password=PASSWORD)
        return find_by_email("stranger@elsewhere.example")[1]


def move_back(app: Flask, table: type[Base], column: str, days: float) -> None:
    """Have a time of each row of a table be so many days ago."""
    with app.app_context():
        moved = update(table).values({column: now() - timedelta(days=days)})
        transaction(lambda connection: connection.execute(moved))
