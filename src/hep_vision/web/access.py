"""Who may look: one-time tokens in the address that is opened, and what they turn into.

    access = Access(clock)
    token = access.token(Role.PATIENT)        # goes into the address
    session = access.enter(token)             # once, and not for long; goes into a cookie
    access.role(session)

Programs on this machine have no cookies. What they send along is a token of its own kind, which is
good for as long as the server runs, and for the interface for programs alone:

    token = access.bearer(Role.THERAPIST)     # goes into a file that only its owner can read
    access.bearer_role(token)

The pages are on the machine's own address, where every program and every page of the browser can
knock. So nothing is shown without the cookie, and nobody gets it without a token that was printed
or opened by the person who started the server.
"""

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TOKEN_S: Final = 300.0
"""How long an address can be opened after it was made."""
BEARER_START: Final = "hep-vision-"
"""What tokens for programs begin with, so that one is known for what it is wherever it turns up."""
_BYTES: Final = 32


class Role(StrEnum):
    """Whose pages are seen; a therapist sees the patient's as well."""

    PATIENT = "patient"
    THERAPIST = "therapist"


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    role: Role
    until_s: float


class Access:
    """The tokens and sessions of one server, for as long as it runs.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tokens: list[_Token] = []
        self._sessions: dict[str, Role] = {}
        self._bearers: dict[str, Role] = {}
        self._lock = threading.Lock()

    def token(self, role: Role) -> str:
        """Return a new token, which is good for one entry within `TOKEN_S`."""
        value = secrets.token_urlsafe(_BYTES)
        with self._lock:
            self._tokens.append(_Token(value, role, self._clock() + TOKEN_S))
        return value

    def enter(self, token: str) -> str | None:
        """Return a new session for a token, which is used up; None if it is not good."""
        with self._lock:
            now = self._clock()
            self._tokens = [one for one in self._tokens if one.until_s > now]
            for one in self._tokens:
                if hmac.compare_digest(one.value.encode(), token.encode("utf-8", "replace")):
                    self._tokens.remove(one)
                    session = secrets.token_urlsafe(_BYTES)
                    self._sessions[session] = one.role
                    return session
        return None

    def role(self, session: str | None) -> Role | None:
        """Return whose session it is; None if it is nobody's."""
        # A dictionary tells by its timing at most that a hash of 256 random bits differs.
        return self._sessions.get(session) if session else None

    def bearer(self, role: Role) -> str:
        """Return a new token for programs, which is good for as long as the server runs."""
        value = BEARER_START + secrets.token_urlsafe(_BYTES)
        self._bearers[value] = role
        return value

    def bearer_role(self, token: str) -> Role | None:
        """Return as whom a program acts that sends ``token``; None if it is not good."""
        return self._bearers.get(token)
