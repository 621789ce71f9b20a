"""A log in a database of a PostgreSQL server: of several machines, such as those of a clinic.

Readers run in ``REPEATABLE READ, READ ONLY``: one consistent state, which neither waits for
writers nor ever fails because of them. Writers run in ``READ COMMITTED`` behind one advisory lock,
taken by their first statement. This is SQLite's ``BEGIN IMMEDIATE``: from then on every statement
sees all that was committed, nobody else writes, and so "read the newest version, enter the next"
is right without a word about it where that is written. ``SERIALIZABLE`` would allow the same, but
by calling transactions off that then have to be repeated from the start, and the writers of the
log are blocks of code that cannot be. The price is that writers queue: one takes the lock for some
milliseconds, and a person makes a repetition every few seconds. One lock, taken first, leaves
nothing that could be taken in two orders, so no two of ours can block each other; what some other
program does to the tables can, and is told as such. Only what this module does by itself, changing
the schema, is repeated after that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from hep_vision.errors import StoreError
from hep_vision.store.backend import FAULT, IN_USE
from hep_vision.store.schema import Base

WRITER_LOCK: Final = 0x6865705F766973  # "hep_vis": one lock, in the database of the log alone
_CONNECT_TIMEOUT_S: Final = 10
_IDLE_TIMEOUT_MS: Final = 60_000
"""A machine that went to sleep in the middle of writing gives the lock back after this. Own
judgement: far above the milliseconds of a transaction, short for those who wait."""
_KEEPALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A cable that was pulled is noticed after a minute, instead of the two hours that are usual."""

_SECRET_LENGTH: Final = 4
"""Shorter ones are in any words, and are no secret."""
_ELSEWHERE: Final = "or name another database with --database"
_FORM: Final = "postgresql://user:password@host/database"
_LOST: Final = (
    "broke the connection off: what was not told to be kept is not in the log; check the network "
    "and the server, and try again"
)
_PASSWORD: Final = "does not take this user and password: check both in --database"
_MISSING: Final = "is not there: create it on the server with createdb, or correct the name"
_DAMAGED: Final = f"is not a readable log: put a backup back, {_ELSEWHERE}"
_NO_RIGHTS: Final = "does not let this user do that: ask for the rights that docs/database.md names"
_CROWDED: Final = "has no connection left: close a program that uses it, and try again"
_STARTING: Final = "is starting or stopping: try again in a moment"
_CALLED_OFF: Final = "called this off for another program's sake: try again"
_ENCODING: Final = (
    "does not keep text in UTF-8: create a database with the encoding UTF8, and use that"
)
_EXPLANATIONS: Final = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "22021": _ENCODING,
    "22P05": _ENCODING,
    "25006": (
        "may only be read: use the main server and a user who may write, or ask for what only reads"
    ),
    "28000": _PASSWORD,
    "28P01": _PASSWORD,
    "3D000": _MISSING,
    "3F000": _DAMAGED,
    "40001": _CALLED_OFF,
    "40P01": _CALLED_OFF,
    "42501": _NO_RIGHTS,
    "42703": _DAMAGED,
    "42P01": _DAMAGED,
    "53100": "cannot grow, the disk of the server is full: free some space there",
    "53200": "is out of memory: see to the server, and try again",
    "53300": _CROWDED,
    "55P03": IN_USE,
    "57014": "takes too long to answer: try again, or raise statement_timeout for this user",
    "57P03": _STARTING,
}
_BROKEN: Final = ("08", "57P01", "57P02", "57P05", "25P03")
_REPEATABLE: Final = ("40001", "40P01")
_NOT_CONNECTED: Final = (  # the words of server and library, which tell no code at this point
    (("password authentication failed", "no password supplied"), _PASSWORD),
    (("role", "does not exist"), _PASSWORD),
    (("database", "does not exist"), _MISSING),
    (("pg_hba.conf", "authentication failed"), _NO_RIGHTS),
    (("too many clients", "remaining connection slots", "too many connections"), _CROWDED),
    (("starting up", "shutting down", "not yet accepting"), _STARTING),
)
_UNREACHABLE: Final = (
    "cannot be reached: check that the server runs, and the host, the port and the other parts of "
    "--database"
)


class PostgresqlServer:
    """The `Backend` of a database on a server, which has to be there; see docs/database.md.

    Args:
        url: As in ``postgresql://user:password@host:port/database?sslmode=verify-full``. What it
            leaves out comes from where every PostgreSQL program takes it: the variables ``PG...``
            and the file ``.pgpass``.
        busy_timeout_ms: How long a writer waits for others.

    Raises:
        StoreError: The URL is none, or the driver is not installed.
    """

    elsewhere = _ELSEWHERE
    damaged = _DAMAGED

    def __init__(self, url: str, busy_timeout_ms: int) -> None:
        parsed = _parsed(url)
        self.name = URL.create(
            "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database
        ).render_as_string()
        secrets = (parsed.password, parsed.query.get("password"))
        self._secrets = tuple(str(one) for one in secrets if one and len(one) >= _SECRET_LENGTH)
        asked: dict[str, Any] = {
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "client_encoding": "utf8",
            "application_name": "hep-vision",
            **_KEEPALIVE,
        }
        try:
            engine = create_engine(
                parsed,
                pool_pre_ping=True,  # pages stay open for days, and a server is updated meanwhile
                connect_args={key: asked[key] for key in asked if key not in parsed.query},
                hide_parameters=True,
            )
        except ModuleNotFoundError as error:
            raise StoreError(
                "The driver of PostgreSQL is not installed: pip install 'hep-vision[postgres]'."
            ) from error

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _record: object) -> None:
            if connection.info.parameter_status("server_encoding") != "UTF8":
                connection.close()
                raise StoreError(f"{self.name} {_ENCODING}.")
            connection.execute(
                "SELECT set_config('lock_timeout', %s, false), "
                "set_config('idle_in_transaction_session_timeout', %s, false)",
                (str(max(1, busy_timeout_ms)), str(_IDLE_TIMEOUT_MS)),  # 0 would wait for ever
            )
            connection.commit()
            connection.adapters.register_dumper(str, _text_dumper())

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get("alone"):
                # As the server says: a reader before left "no", which overrules a standby or a user
                # who may only read.
                connection.connection.dbapi_connection.read_only = None  # type: ignore[union-attr]
                connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))

        self.reading: Engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self.writing: Engine = engine.execution_options(
            isolation_level="READ COMMITTED", alone=True
        )

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open the transaction of a writer: PostgreSQL takes changes of tables back as well."""
        with self.writing.begin() as connection:
            yield connection

    def settle(self, connection: Connection) -> str | None:
        """Give the columns what SQLite gives them without being asked.

        Whole numbers have 64 bits. Text is compared by its characters, whatever the language of
        the server: the moments of the log are compared as text, and the languages leave signs such
        as ``:`` out of account.
        """
        for table in Base.metadata.sorted_tables:
            found = connection.execute(
                text(
                    "SELECT a.attname, format_type(a.atttypid, a.atttypmod), c.collname "
                    "FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation "
                    "WHERE a.attrelid = to_regclass(:name) AND a.attnum > 0 "
                    "AND NOT a.attisdropped ORDER BY a.attnum"
                ),
                {"name": f'"{table.name}"'},
            ).all()
            changes = [
                f'ALTER "{column}" TYPE '
                + ("bigint" if collation is None else f'{kind} COLLATE "C"')
                for column, kind, collation in found
                if kind == "integer" or collation not in (None, "C")
            ]
            if changes:
                connection.execute(text(f'ALTER TABLE "{table.name}" {", ".join(changes)}'))
        return None

    def explain(self, error: DBAPIError) -> str:
        """Go by the SQLSTATE, and by the words where there is none."""
        state = getattr(error.orig, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(_BROKEN):
            return _LOST
        if state:
            return _EXPLANATIONS.get(state, FAULT)
        if not _is_operational(error):
            return FAULT
        words = str(error.orig)
        for signs, explanation in _NOT_CONNECTED:
            together = all if "does not exist" in signs else any
            if together(sign in words for sign in signs):
                return explanation
        return _UNREACHABLE

    def detail(self, error: DBAPIError) -> str:
        """Return the words of the server, or that there are some, should they repeat the password.

        Black bars would tell where a short one is in words that have nothing to do with it.
        """
        words = " ".join(str(error.orig).split())
        return "its words are not shown" if any(one in words for one in self._secrets) else words

    def may_repeat(self, error: DBAPIError) -> bool:
        """Return whether another transaction was given precedence."""
        return getattr(error.orig, "sqlstate", None) in _REPEATABLE

    def close(self) -> None:
        """Close the connections."""
        self.reading.dispose()


def _text_dumper() -> type[Any]:
    """Return what writes text: PostgreSQL keeps every character but the one numbered zero."""
    from psycopg.types.string import StrDumperUnknown

    class TextDumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    return TextDumper


def _is_operational(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(f"--database: this is no URL; expected {_FORM}.") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise StoreError(
            f"--database: expected {_FORM}; leave it out to keep the log in a file of the data "
            "folder."
        )
    if not parsed.database:
        raise StoreError(f"--database: the name of the database is missing; expected {_FORM}.")
    if "@" in f"{parsed.host}{parsed.database}":  # a part of the password, which must not be told
        raise StoreError(
            f"--database: more than one @; write one in a password as %40, as in {_FORM}."
        )
    return parsed.set(drivername="postgresql+psycopg")
