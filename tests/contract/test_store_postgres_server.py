"""The PostgreSQL server: out of reach, strange, cut off or full, it is said in plain words and nothing is half done."""

import subprocess
import sys
import threading

import psycopg
import pytest

from cadence.errors import StoreError
from cadence.store import accounts, dialect, events, leads, outbox, schema
from cadence.store.address import parse
from cadence.store.dialects import postgres_bare
from cadence.store.store import Store, open_store, upgrade_store
from support.postgres import PASSWORD


@pytest.fixture
def url(new_postgresql_url, make):
    """A store that knows an account."""
    address = new_postgresql_url()
    with open_store(address) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
    return address


@pytest.fixture
def database(postgres_server, make):
    """A whole database that knows an account."""
    name = postgres_server.make()
    with open_store(postgres_server.url(name), create=True) as store, store.write() as session:
        accounts.ensure(session, "summit", make.now)
    return name


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened


def refused(url, **options):
    with pytest.raises(StoreError) as refusal:
        open_store(url, **options).close()
    said = f"{refusal.value}; {refusal.value.help}"
    assert refusal.value.help, "every refusal says what to do"
    assert PASSWORD not in said
    assert "wrong-one" not in said
    return said


def raw(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


# -- opening and making


def test_a_server_is_reached_with_a_password_too(postgres_server, database):
    with open_store(postgres_server.tcp_url(database)) as store, store.read() as session:
        assert store.name == f"{database} at 127.0.0.1"
        assert accounts.names(session) == ["summit"]


@pytest.mark.parametrize("create", [False, True])
def test_where_no_server_answers_is_said(postgres_server, create):
    assert "no server answers there" in refused("postgresql://dana:wrong-one@127.0.0.1:1/shop", create=create)
    assert "no server answers there" in refused(f"postgresql:///shop?host={postgres_server.folder}/no", create=create)
    assert "no server answers there" in refused("postgresql://dana:wrong-one@no-such-host.invalid/shop", create=create)


def test_who_may_not_come_in_is_told_so(postgres_server):
    assert "does not let this user in" in refused(postgres_server.tcp_url(password="wrong-one"))
    assert "does not let this user in" in refused(postgres_server.tcp_url(user="stranger"))
    assert "does not let this user in" in refused(f"postgresql://dana@127.0.0.1:{postgres_server.port}/postgres")
    assert "does not let this user in" in refused(postgres_server.url().replace("postgres:@", "stranger@"))


@pytest.mark.parametrize("create", [False, True])
def test_a_missing_database_is_never_made_by_accident(postgres_server, create):
    assert "is not there" in (said := refused(postgres_server.url("no-such-shop"), create=create))
    assert "createdb" in said


def test_an_empty_database_is_none_until_it_is_made_one(postgres_url):
    address = postgres_url()
    assert "holds nothing yet" in refused(address)
    open_store(address, create=True).close()
    open_store(address).close()
    open_store(address, create=True).close()


def test_a_database_that_cannot_hold_every_letter_is_refused(postgres_server):
    postgres_server.run("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    assert "keeps texts as LATIN1" in (said := refused(postgres_server.url("latin"), create=True))
    assert "UTF8" in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://dana:wrong-one@half@host/shop",
        "postgresql://dana:wrong-one/half@host/shop",
        "postgresql://dana:12/wrong-one@host/shop",
        "postgresql://dana:wrong-one%zz@host/shop",
        "postgresql://host/shop?no_such_word=wrong-one",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_repeating_it(url):
    assert "cannot be read" in (said := refused(url))
    assert "@ as %40" in said
    assert "half" not in said


def test_an_address_in_full_keeps_its_password_to_itself():
    address = parse("postgres://dana:wrong-one@db.example.com:5433/shop?sslmode=require&connect_timeout=3")
    assert address.name == "shop at db.example.com"
    assert "wrong-one" not in repr(address) + str(address)
    assert address.parameters["password"] == "wrong-one"
    assert (address.parameters["sslmode"], address.parameters["connect_timeout"]) == ("require", "3")


WITHOUT_THE_DRIVER = """
import sys
sys.modules["psycopg"] = None  # as where it is not installed
from cadence.errors import StoreError
from cadence.store.store import open_store
try:
    open_store("postgresql://dana:secret@host/shop")
except StoreError as refusal:
    print(refusal, "--", refusal.help)
"""


def test_without_the_driver_it_is_said_how_to_get_it():
    answer = subprocess.run([sys.executable, "-c", WITHOUT_THE_DRIVER], capture_output=True, text=True, check=True)
    assert "a driver that is not installed -- pip install 'cadence[postgres]'" in answer.stdout
    assert answer.stderr == ""


# -- strangers, older, newer


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_another_program_is_refused_untouched(postgres_server, postgres_url, create):
    address = postgres_url()
    raw(address, "CREATE TABLE customers (name text)")
    assert "another program" in refused(address, create=create)
    with pytest.raises(StoreError, match="another program"):
        upgrade_store(address)
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        assert tables.fetchall() == [("customers",)]


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_another_version_is_refused(url, create, monkeypatch):
    monkeypatch.setattr(schema, "REVISIONS", (*schema.REVISIONS, "9998"))
    monkeypatch.setattr(schema, "HEAD", "9998")
    assert "made by an older cadence" in (said := refused(url, create=create))
    assert "cadence store upgrade" in said
    raw(url, "UPDATE cadence_version SET version_num = '9999'")
    assert "made by a newer cadence" in refused(url, create=create)
    with pytest.raises(StoreError, match="made by a newer cadence"):
        upgrade_store(url)


# -- settings


def test_who_reads_sees_one_picture_and_who_writes_what_others_did(store):
    asked = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
    with store.read() as session:
        assert session.connection.exec_driver_sql(asked).one() == ("repeatable read", "on")
    with store.write() as session:
        assert session.connection.exec_driver_sql(asked).one() == ("read committed", "off")


def test_nothing_waits_for_ever_and_what_is_committed_is_on_disk(postgres_server, url):
    assert postgres_server.run("SHOW synchronous_commit") == [("off",)], "the server itself is careless"
    with open_store(url, wait=1.5) as store, store.read() as session:
        settings = {
            name: session.connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        }
        assert settings == {
            "lock_timeout": "1500ms",
            "statement_timeout": "10min",
            "idle_in_transaction_session_timeout": "10min",
        }
        assert session.connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    with open_store(url, wait=0) as store, store.read() as session:
        assert session.connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1ms", "0 would be for ever"


# -- trouble


def cut(store, session):
    """End the session's connection, as an administrator or a dying server does."""
    pid = session.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with store.read() as other:
        other.connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")


def test_a_connection_cut_in_mid_session_undoes_it_and_the_next_session_connects_anew(store, make):
    with pytest.raises(StoreError, match="ended the connection") as refusal, store.write() as session:  # noqa: PT012
        leads.add(session, "summit", [make.lead()])
        cut(store, session)
        events.append(session, "summit", {"maria": [make.event(data={"text": "my number is 816 555 0142"})]})
    assert "555" not in refusal.value.message + refusal.value.help
    with pytest.raises(StoreError, match="ended the connection"), store.write() as session:
        cut(store, session)  # noticed at the commit
    with store.write() as session:
        assert leads.count(session, "summit") == 0
        leads.add(session, "summit", [make.lead()])


def test_a_cut_within_a_part_that_can_be_undone_is_said_as_well(store, make):
    with pytest.raises(StoreError, match="ended the connection"), store.write() as session:  # noqa: PT012
        leads.add(session, "summit", [make.lead()])
        with session.savepoint():
            cut(store, session)
            outbox.claim(session, "summit", [make.touch()])


def test_a_connection_that_was_cut_between_sessions_is_replaced_unnoticed(store, url):
    with store.read() as session:
        pid = session.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    raw(url, f"SELECT pg_terminate_backend({pid}, 5000)")
    with store.read() as session:
        assert accounts.names(session) == ["summit"]


def test_two_who_wait_for_each_other_are_told_apart(url, make):
    with open_store(url) as one, open_store(url) as other:
        with one.write() as session:
            leads.add(session, "summit", [make.lead("ana"), make.lead("bob")])
        meet, refusals = threading.Barrier(2), []

        def change(store, first, second):
            try:
                with store.write() as session:
                    leads.set_wake(session, "summit", {first: make.now})
                    meet.wait(10)
                    leads.set_wake(session, "summit", {second: make.now})
            except StoreError as refusal:
                refusals.append(refusal.message)

        threads = [threading.Thread(target=change, args=args) for args in ((one, "ana", "bob"), (other, "bob", "ana"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(refusals) == 1, "one of them went on"
    assert "is busy" in refusals[0]


def test_a_database_made_read_only_is_said_to_be(postgres_server, database, make):
    postgres_server.run(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with open_store(postgres_server.url(database)) as store:
        with store.read() as session:
            assert accounts.names(session) == ["summit"]
        with pytest.raises(StoreError, match="can be read but not written"), store.write() as session:
            leads.add(session, "summit", [make.lead()])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.errors.DiskFull, "the disk of the server is full"),
        (psycopg.errors.LockNotAvailable, "is busy"),
        (psycopg.errors.DeadlockDetected, "is busy"),
        (psycopg.errors.QueryCanceled, "took too long"),
        (psycopg.errors.AdminShutdown, "shutting down"),
        (psycopg.errors.CrashShutdown, "shutting down"),
        (psycopg.errors.CannotConnectNow, "starting up"),
        (psycopg.errors.IdleInTransactionSessionTimeout, "connection was lost"),
        (psycopg.errors.ConnectionFailure, "connection was lost"),
        (psycopg.errors.TooManyConnections, "no more connections"),
        (psycopg.errors.InsufficientPrivilege, "let this user do that"),
        (psycopg.errors.OutOfMemory, "out of memory"),
        (psycopg.errors.IoError, "disk of the server answered with an error"),
        (psycopg.errors.DataCorrupted, "is damaged"),
        (psycopg.errors.UndefinedTable, "did not do what was asked (UndefinedTable, 42P01)"),
    ],
)
def test_each_refusal_is_named_with_a_remedy_and_without_the_servers_own_words(error, said):
    refusal = postgres_bare.plain(error("DETAIL: Key (phone)=(+18165550142)"), "shop at db.example.com")
    assert refusal.message.startswith("the database shop at db.example.com ")
    assert said in refusal.message
    assert "555" not in refusal.message + refusal.help
    assert refusal.help


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("connection failed: FATAL:  sorry, too many clients already", "no more connections"),
        ("connection failed: FATAL:  the database system is starting up", "starting up"),
        ("connection failed: SSL error: certificate verify failed", "encrypted connection"),
        ("connection failed: Verbindung verweigert", "cannot be reached"),
        ("connection timeout expired", "no server answers"),
        ("the connection is closed", "connection was lost"),
        ("server closed the connection unexpectedly", "connection was lost"),
    ],
)
def test_what_has_no_code_is_told_by_its_words(words, said):
    refusal = postgres_bare.plain(psycopg.OperationalError(words), "shop")
    assert said in refusal.message
    assert "sorry" not in refusal.message


# -- upgrades


def count_when_alone(url, answers):
    """Hold the tables as an upgrade does, and count the leads then."""
    database = dialect.database(url)
    with open_store(url, wait=0.1) as other, Store(database, wait=10, migrate=True) as store, store.write() as session:
        database.keep_others_out(session.connection)
        with pytest.raises(StoreError, match="is busy"), other.write():
            raise AssertionError("wrote while the tables change")
        answers.append(leads.count(session, "summit"))


def test_an_upgrade_waits_for_whoever_writes_and_keeps_writers_out(url, make):
    answers = []
    upgrade = threading.Thread(target=count_when_alone, args=(url, answers))
    with open_store(url) as store, store.write() as session:
        leads.add(session, "summit", [make.lead()])
        upgrade.start()
        upgrade.join(0.3)
        assert not answers, "a writing session is waited for"
    upgrade.join(10)
    assert answers == [1]
