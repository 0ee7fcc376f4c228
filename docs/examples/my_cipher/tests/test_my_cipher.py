"""What must stay true of the cipher."""

from my_cipher import MyCipher

from cryptobench.conformance import validate

# The keystream depends on nothing but key and nonce, so the cipher is malleable: it needs an authenticator beside it.
REQUIRED = "confidentiality=5"


def test_it_keeps_the_interface():
    """Round trips on awkward shapes, determinism, wrong keys, damaged ciphertexts."""
    assert [check for check in validate(MyCipher()) if not check.passed] == []


def test_it_is_secure(security):
    """Every statistic and every attack, but those that choose ciphertexts."""
    security(MyCipher).passes(require=REQUIRED)
