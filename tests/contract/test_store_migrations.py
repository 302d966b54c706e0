"""The migrations make exactly the tables that the code reads."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from cadence.store import enrolments, leads, schema, tasks
from cadence.store.tables import METADATA


@pytest.fixture
def scripts():
    config = Config()
    config.set_main_option("script_location", "cadence.store:migrations")
    return config, ScriptDirectory.from_config(config)


def test_the_migrations_lead_to_the_tables_without_drift(store):
    with store.read() as session:
        context = MigrationContext.configure(session.connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == schema.HEAD


def plain_condition(text):
    """A condition without what a database adds to it."""
    return re.sub(r"::text|[()]", "", str(text))


def test_partial_indexes_have_the_same_condition_in_tables_and_migrations(store, kind):
    with store.read() as session:
        made = {
            index["name"]: plain_condition(index["dialect_options"][f"{kind}_where"])
            for table in METADATA.tables
            for index in inspect(session.connection).get_indexes(table)
            if f"{kind}_where" in index.get("dialect_options", {})
        }
    meant = {
        index.name: str(index.dialect_options[kind]["where"])
        for table in METADATA.tables.values()
        for index in table.indexes
        if index.dialect_options[kind]["where"] is not None
    }
    assert made == meant
    assert len(meant) == 16


def test_every_text_is_ordered_byte_by_byte(store, kind):
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%COLLATE%'",
        "postgresql": "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'text' "
        "AND table_schema = current_schema() AND collation_name IS DISTINCT FROM 'C'",
    }[kind]
    with store.read() as session:
        assert session.connection.exec_driver_sql(asked).all() == []


def test_keys_are_the_same_in_tables_and_migrations(store):
    with store.read() as session:
        inspector = inspect(session.connection)
        for name, table in METADATA.tables.items():
            assert inspector.get_pk_constraint(name)["constrained_columns"] == [key.name for key in table.primary_key]
            assert {key["name"] for key in inspector.get_foreign_keys(name)} == {
                key.name for key in table.foreign_key_constraints
            }


def test_the_list_of_revisions_is_that_of_the_migrations(scripts):
    _, directory = scripts
    assert [script.revision for script in directory.walk_revisions()][::-1] == list(schema.REVISIONS)
    assert directory.get_current_head() == schema.HEAD


def test_every_row_carries_the_account():
    assert all("account" in table.c and not table.c.account.nullable for table in METADATA.tables.values())


def test_migrations_go_back_and_forth_again(store, scripts):
    from alembic import command

    config, _ = scripts
    with store.write() as session:
        config.attributes["connection"] = session.connection
        command.downgrade(config, "base")
        assert inspect(session.connection).get_table_names() == [schema.VERSION_TABLE]
        schema.upgrade(session.connection)
        schema.upgrade(session.connection)
        assert set(inspect(session.connection).get_table_names()) == {*METADATA.tables, schema.VERSION_TABLE}


def test_a_step_without_a_date_gets_one_on_the_way_back(store, scripts, make):
    from alembic import command

    config, _ = scripts
    with store.write() as session:
        leads.add(session, "summit", [make.lead()])
        enrolments.save(session, "summit", [make.enrolment()])
        tasks.add(session, "summit", [make.task(due_at=None, created_at=make.at(5))])
        config.attributes["connection"] = session.connection
        command.downgrade(config, "0003")
        assert session.connection.exec_driver_sql("SELECT task, due_at FROM tasks").all() == [
            ("call-maria", "2026-11-24T19:15:00Z")
        ]
        schema.upgrade(session.connection)
        assert tasks.get(session, "summit", "call-maria") == make.task(due_at=make.at(5), created_at=make.at(5))
        assert enrolments.of_leads(session, "summit", ["maria"]) == {"maria": [make.enrolment()]}
