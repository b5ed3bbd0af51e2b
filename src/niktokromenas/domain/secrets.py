"""Secrets are stored as fingerprints only and compared in constant time."""

import hashlib
import hmac


def fingerprint(secret: str) -> str:
    """SHA-256 (hex) of a random secret of at least 128 bits."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def is_same(secret: str, stored: str) -> bool:
    return hmac.compare_digest(fingerprint(secret), stored)
