"""What differs between the databases that a log can be kept in; the queries do not know."""

from contextlib import AbstractContextManager
from typing import Final, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

FAULT: Final = "refused an entry, which is a fault of hep-vision: please report it"
IN_USE: Final = "is in use by another program: close that and try again"


class Backend(Protocol):
    """A database that is there, and maybe empty.

    Attributes:
        name: What messages call it; never with a password.
        elsewhere: What to do instead of using it, as the end of a sentence.
        damaged: What is wrong and what to do where it holds no log that can be read.
        reading: Connections that each see one consistent state, whatever others write.
        writing: Connections that each have the log to themselves from the first statement on, so
            that what they read stays true until they have written.
    """

    name: str
    elsewhere: str
    damaged: str
    reading: Engine
    writing: Engine

    def migrating(self) -> AbstractContextManager[Connection]:
        """Open one transaction, alone, in which tables may be changed."""
        ...

    def settle(self, connection: Connection) -> str | None:
        """Make the changed tables fit for use; return what is wrong with them, if anything is."""
        ...

    def explain(self, error: DBAPIError) -> str:
        """Return what is wrong and what to do, as what follows the name in a sentence."""
        ...

    def detail(self, error: DBAPIError) -> str:
        """Return what the database itself says, in one line without a password."""
        ...

    def may_repeat(self, error: DBAPIError) -> bool:
        """Return whether nothing was done, and the same transaction may succeed when repeated."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...
