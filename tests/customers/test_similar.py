"""Customers that look like a new one: by email in any case, by name with its slips and kinds of company."""

import pytest

from tests.support.world import ELSEWHERE, HOME, SANDBOX, World
from webapp.customers.model import Scope
from webapp.customers.similar import MOST_SIMILAR, Similar, find_similar
from webapp.database import reading


@pytest.fixture
def world(world_on_each_database: World) -> World:
    """Each test runs on SQLite and on PostgreSQL."""
    return world_on_each_database


def similar(world: World, name: str = "", email: str = "", scope: Scope = HOME) -> list[Similar]:
    """What is found."""
    with world.app.app_context(), reading() as connection:
        return find_similar(connection, scope, name, email)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Corporation", "ACME Corp."),
        ("Acme Corporation", "Acme"),
        ("Blue Heron Analytics, Inc.", "Blue-Heron Analytics"),
        ("Analytics Blue Heron", "Blue Heron Analytics"),
        ("Café Müller GmbH", "Cafe Muller"),
        ("Cloudbreeze Systems", "Cloudbreze Systems"),
        ("Cloudbreeze", "Cloudbreze"),
        ("株式会社山田", "株式会社山田"),
        ("3M", "3m"),
        ("The Company", "the company"),
    ],
)
def test_very_similar_names_are_found(world: World, one: str, other: str) -> None:
    """Either way round."""
    there = world.create_customer(name=one)
    back = world.create_customer(SANDBOX, name=other)
    assert [(found.customer, found.has_similar_name) for found in similar(world, name=other)] == [(there, True)]
    assert [found.customer for found in similar(world, name=one, scope=SANDBOX)] == [back]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Corporation", "Apex Corporation"),
        ("Acme Holding", "Acme Retail"),
        ("Store 41", "Store 42"),
        ("Acme", ""),
        ("100%", "100_"),
    ],
)
def test_names_that_mean_others_are_not(world: World, one: str, other: str) -> None:
    """What they have in common says nothing."""
    world.create_customer(name=one)
    expected = 1 if one == "100%" else 0  # without their signs the two are one number
    assert len(similar(world, name=other)) == expected


def test_the_same_email_comes_first_in_any_case(world: World) -> None:
    """Before those whose names alone are alike; archived customers are among them."""
    by_name = world.create_customer(name="Blue Heron")
    by_email = world.archive(world.create_customer(name="Somebody", email="Heron@A.example"))
    both = world.create_customer(name="Blue Heron Ltd", email="heron@a.example")
    found = similar(world, "Blue Heron", "HERON@a.example")
    assert [each.customer for each in found] == [both, by_email, by_name]
    assert [(each.has_same_email, each.has_similar_name) for each in found] == [
        (True, True),
        (True, False),
        (False, True),
    ]


def test_a_part_of_an_email_is_another_email(world: World) -> None:
    """Nor does an empty one equal the empty ones of others."""
    world.create_customer(name="Somebody", email="big.heron@a.example")
    world.create_customer(name="Else", email="")
    assert similar(world, email="heron@a.example") == []
    assert similar(world) == []


def test_customers_of_elsewhere_are_not_found(world: World) -> None:
    """Another tenant's customers do not exist here."""
    world.create_customer(ELSEWHERE, name="Blue Heron", email="heron@a.example")
    assert similar(world, "Blue Heron", "heron@a.example") == []


def test_only_a_few_are_shown(world: World) -> None:
    """Somebody who has seen them knows."""
    for _ in range(MOST_SIMILAR + 3):
        world.create_customer(name="Blue Heron")
    assert len(similar(world, "Blue Heron")) == MOST_SIMILAR
