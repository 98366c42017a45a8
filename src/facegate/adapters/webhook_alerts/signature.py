"""How a receiver knows that a message is ours and not an old one sent again by somebody else."""

import hashlib
import hmac

SIGNATURE_HEADER = "X-Facegate-Signature"
DELIVERY_HEADER = "X-Facegate-Delivery"


def signature_of(body: bytes, signing_key: str, at_unix_s: int) -> str:
    """`t=1700000000,v1=<hex>`: HMAC-SHA256 over the time, a dot and the body exactly as sent."""
    signed = f"{at_unix_s}.".encode() + body
    return f"t={at_unix_s},v1={hmac.new(signing_key.encode(), signed, hashlib.sha256).hexdigest()}"
