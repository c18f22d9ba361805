"""Makes hostile inputs from good ones. Seeded: the same seed, the same inputs."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator
from random import Random

# Cases of each generated family: few in `make test`, many where asked for.
VARIABLE = "NEWSMILL_ATTACKS"
CASES = int(os.environ.get(VARIABLE, "40"))

NUMBERS = (
    b"-1",
    b"0",
    b"00",
    b"1e9",
    b"0x10",
    b"1_0",
    b"+5",
    b"9" * 400,
    b"9" * 5_000,
    b"18446744073709551616",
    b"nan",
    b"\xd9\xa3",
)
PIECES = (
    b"\0", b"\x1b]0;owned\x07", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", "\u202e\u2028".encode(),
    b"\r", b"\n", b"\r\n\r\n", b"\t", b"%00", b"%0d%0a", b"&#0;", b"&#x110000;", b"&a;&a;&a;", b"<![CDATA[", b"]]>",
    b"<!--", b"<!ENTITY a '&b;&b;'>", b"'", b'"', b"=", b":", b"{", b"[" * 2_000,
    b"<a>" * 2_000, b" " * 5_000, b"a" * 20_000,
)  # fmt: skip


def mutated(rng: Random, data: bytes) -> bytes:
    """One to four changes at random places."""
    for _ in range(rng.randrange(1, 5)):
        data = _changed(rng, data)
    return data


def _changed(rng: Random, data: bytes) -> bytes:
    first, second = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    kind = rng.randrange(7)
    if kind == 0 and data:
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    if kind == 1:
        return data[:first] + rng.choice(PIECES) + data[first:]
    if kind == 2:
        return data[:first] + data[min(second, first + 40) :]
    if kind == 3:
        return data[:second] + data[first : min(second, first + 2_000)] * rng.choice((1, 1, 50)) + data[second:]
    if kind == 4:
        return data[:first]
    if kind == 5:
        digits = [at for at in range(len(data)) if 48 <= data[at] <= 57]
        at = rng.choice(digits) if digits else first
        return data[:at] + rng.choice(NUMBERS) + data[at + 1 :]
    return data[:first] + rng.randbytes(rng.randrange(1, 30)) + data[first:]


# What must never be reached: loopback, link-local with the clouds' credentials, private, shared, broadcast.
PRIVATE = (
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.16.5.4", "192.168.1.1", "100.64.0.1",
    "255.255.255.255", "224.0.0.1", "168.63.129.16", "198.18.0.1",
)  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def private_host(rng: Random) -> str:
    """A private address in one of the forms that some library takes for one."""
    address = rng.choice(PRIVATE)
    number, parts = int(ipaddress.IPv4Address(address)), address.split(".")
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    return rng.choice(
        (
            address,
            f"{address}.",
            str(number),
            hex(number),
            f"0{number:o}",
            ".".join(hex(int(part)) for part in parts),
            ".".join(f"{int(part):04o}" for part in parts),
            f"{parts[0]}.{number & 0xFFFFFF}",
            f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
            f"[::ffff:{address}]",
            f"[::ffff:{high}:{low}]",
            f"[64:ff9b::{high}:{low}]",
            f"[2002:{high}:{low}::1]",
            f"[::{high}:{low}]",
            rng.choice(("[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fd00::1]", "[ff02::1]", "[::1%lo]")),
            address.translate(FULL_WIDTH),
            address.replace(".", "\u3002"),
            address.replace(".", "%2e"),
            "".join(f"%{ord(letter):02x}" for letter in address),
            rng.choice(("localhost", "LOCALHOST.", "evil.localhost", "a.b.localhost.", "local\u200bhost", "①②⑦.0.0.1")),
        )
    )


def private_url(rng: Random, ports: tuple[int, ...], path: str) -> str:
    """A URL that leads to a private address, or says that it leads to another one."""
    host, port = private_host(rng), rng.choice(("", *(f":{port}" for port in ports)))
    scheme = rng.choice(("http", "http", "http", "https", "HTTP", "ftp", "gopher", "file", "ws", "javascript", "data"))
    user = rng.choice(("", "", "", "post.localhost@", "user:secret@", "post.localhost:80@", "%40@"))
    form = rng.randrange(8)
    if form == 0:
        return f"//{user}{host}{port}{path}"
    if form == 1:
        return f"{scheme}:\\\\{host}{port}{path}"
    if form == 2:
        return f"{scheme}:/{host}{port}{path}"
    if form == 3:
        return f"{scheme}://{host}{port}#@post.localhost{path}"
    if form == 4:
        return f"{scheme}://post.localhost\\@{host}{port}{path}"
    if form == 5:
        return f"{scheme}://{host}{port}{rng.choice((' ', '%09', '%00', '?', '//', '/../'))}{path}"
    return f"{scheme}://{user}{host}{port}{path}"


def cases(seed: str) -> Iterator[tuple[int, Random]]:
    """As many numbered random generators as cases are asked for."""
    for number in range(CASES):
        yield number, Random(f"{seed}-{number}")
