"""A password and its argon2id hash (RFC 9106, the library's own parameters), and nothing that keeps either."""
from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12  # characters; NIST SP 800-63B-4 asks for 15 where the password is all there is, 8 at the very least


def hashed(password: str) -> str:
    """What access.yaml keeps of a password."""
    return PasswordHasher().hash(password)


def is_password(password: str, hash_: str | None) -> bool:
    """Whether it is the one; takes as long where there is none to compare with, so that a name is not told apart."""
    if hash_ is None:
        hashed(password)
        return False
    try:
        return PasswordHasher().verify(hash_, password)
    except (VerificationError, InvalidHashError):
        return False
