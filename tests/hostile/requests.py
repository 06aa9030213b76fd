"""Hostile requests: seeded, each the same for its number, as raw bytes.

A family makes requests of one kind, from a valid one that it breaks. They go deep:
most carry good credentials and name objects that are held.
"""

import zlib
from collections.abc import Callable
from typing import Final

from tests.hostile import words_table as words
from tests.hostile.drafts import Maker, Target
from tests.imaging.part10.fuzz import mutated
from tests.synthetic import multipart

DEFLATED: Final = b"1.2.840.10008.1.2.1.99"


def make_request(target: Target, number: int) -> tuple[str, bytes]:
    """Return the name of the family of request `number`, and its bytes."""
    family = FAMILIES[number % len(FAMILIES)]
    return family.__name__, family(Maker(target, number))


def flipped_bytes(make: Maker) -> bytes:
    draft = make.held() if make.rng.random() < 0.6 else make.store(make.small())
    message = bytearray(draft.dump())
    end = min(len(message), message.find(b"\r\n\r\n") + 4)
    for _ in range(make.rng.choice((1, 1, 2, 8))):
        message[make.rng.randrange(end)] = make.rng.randrange(256)
    return bytes(message)


def request_lines(make: Maker) -> bytes:
    draft = make.held()
    match make.rng.randrange(4):
        case 0:
            draft.method = make.rng.choice(words.METHODS)
        case 1:
            draft.version = make.rng.choice(words.VERSIONS)
        case 2:
            draft.path = make.rng.choice(words.TARGETS)
        case _:
            return make.junk(300) + b"\r\n\r\n"
    return draft.dump()


def odd_headers(make: Maker) -> bytes:
    draft = make.held()
    for _ in range(make.rng.choice((1, 2, 5))):
        at = make.rng.randrange(len(draft.headers) + 1)
        draft.headers.insert(at, make.rng.choice(words.HEADERS))
    return draft.dump()


def huge_headers(make: Maker) -> bytes:
    draft = make.held()
    size = make.rng.choice((8_000, 60_000, 70_000, 500_000, 3_000_000))
    name = make.rng.choice((b"X", b"Accept", b"Range", b"Cookie", b"Accept-Encoding"))
    filler = make.rng.choice((b"a", b",", b";q=", b"bytes=0-,", b"=;", b'"', b"*/*,"))
    draft.headers.append(name + b": " + (filler * size)[:size])
    return draft.dump()


def many_headers(make: Maker) -> bytes:
    draft = make.held()
    name = make.rng.choice((b"X-%d: y", b"Accept: a/%d", b"Cookie: a=%d", b"Host: %d"))
    draft.headers += [name % at for at in range(make.rng.choice((20, 90, 99, 2_000)))]
    return draft.dump()


def escapes(make: Maker) -> bytes:
    draft = make.held()
    piece = make.rng.choice(words.ESCAPES)
    at = make.rng.randrange(1, len(draft.path) + 1)
    draft.path = draft.path[:at] + piece + draft.path[at:]
    return draft.dump()


def path_tricks(make: Maker) -> bytes:
    draft = make.held()
    draft.path = make.rng.choice(words.PATHS)
    return draft.dump()


def uids(make: Maker) -> bytes:
    path = make.target.path.split("/")
    path[make.rng.choice((2, 4, 6))] = make.rng.choice(words.UIDS)
    tail = make.rng.choice(("", "/metadata", "/frames/1", "/bulkdata/7FE00010"))
    return make.get("/".join(path) + tail).dump()


def queries(make: Maker) -> bytes:
    level = make.rng.choice(("/studies", "/series", "/instances", "/changefeed"))
    keys = make.rng.choices(words.QUERIES, k=make.rng.choice((1, 1, 2, 6)))
    return make.get(level + "?" + "&".join(keys)).dump()


def sequence_paths(make: Maker) -> bytes:
    steps = make.rng.choices(words.TAGS, k=make.rng.choice((2, 5, 50, 1000)))
    where = make.rng.choice(("{}=1", "includefield={}", "StudyDate=2020&{}=*"))
    return make.get("/instances?" + where.format(".".join(steps))).dump()


def accepts(make: Maker) -> bytes:
    draft = make.held()
    values = make.rng.choices(words.ACCEPTS, k=make.rng.choice((1, 1, 3, 200)))
    draft.headers.append(b"Accept: " + b", ".join(values))
    return draft.dump()


def ranges(make: Maker) -> bytes:
    tail = make.rng.choice(("", "/frames/1", "/bulkdata/7FE00010", "/metadata"))
    accept = make.rng.choice(
        (b"*/*", b"application/dicom", b"application/octet-stream")
    )
    condition = make.rng.choice(words.CONDITIONS)
    value = b"Range: " + make.rng.choice(words.RANGES)
    return make.get(
        make.target.path + tail, b"Accept: " + accept, value, condition
    ).dump()


def frame_lists(make: Maker) -> bytes:
    return make.get(f"{make.target.path}/frames/{make.rng.choice(words.FRAMES)}").dump()


def bulk_paths(make: Maker) -> bytes:
    steps = make.rng.choices(words.TAGS, k=make.rng.choice((1, 2, 9, 500)))
    return make.get(f"{make.target.path}/bulkdata/{'/'.join(steps)}").dump()


def broken_multipart(make: Maker) -> bytes:
    body, headers = multipart(make.small(), make.small())
    old, new = make.rng.choice(words.MULTIPARTS)
    draft = make.store(body.replace(old, new), headers["Content-Type"].encode())
    if make.rng.random() < 0.5:
        draft.headers[-1] = b"Content-Type: " + make.rng.choice(words.CONTENT_TYPES)
    return draft.dump()


def cut_multipart(make: Maker) -> bytes:
    body, headers = multipart(make.small(), make.small())
    at = make.rng.randrange(len(body))
    more = make.rng.choice((b"", make.junk(2000), body))
    return make.store(body[:at] + more, headers["Content-Type"].encode()).dump()


def mutated_instances(make: Maker) -> bytes:
    parts = [mutated(make.number + at) for at in range(make.rng.choice((1, 1, 4)))]
    if len(parts) == 1:
        return make.store(parts[0]).dump()
    body, headers = multipart(*parts)
    return make.store(body, headers["Content-Type"].encode()).dump()


def bombs(make: Maker) -> bytes:
    """Deflated data sets that inflate to much more, or to nothing."""
    plain = make.small()
    at = plain.index(b"\x08\x00\x05\x00CS")
    meta = plain[:at].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1\0", 1)
    element = make.rng.choice((b"\x10\x00\x00\x40UT\0\0", b"\xe0\x7f\x10\x00OW\0\0"))
    size = make.rng.choice((1_000, 10_000_000, 300_000_000))
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = packer.compress(plain[at:] + element + size.to_bytes(4, "little"))
    for _ in range(size // 1_000_000):
        data += packer.compress(bytes(1_000_000))
    data += make.rng.choice((packer.flush(), b"", make.junk(50)))
    syntax = DEFLATED + b"\0" * (len(DEFLATED) % 2)
    start = meta.index(b"\x02\x00\x10\x00UI")
    old = int.from_bytes(meta[start + 6 : start + 8], "little")
    meta = (
        meta[: start + 6]
        + len(syntax).to_bytes(2, "little")
        + syntax
        + meta[start + 8 + old :]
    )
    return make.store(meta + data).dump()


def lengths(make: Maker) -> bytes:
    draft = make.store(make.small())
    draft.sized = False
    length = make.rng.choice(words.LENGTHS)
    draft.headers.append(length.replace(b"N", b"%d" % len(draft.body)))
    return draft.dump()


def smuggling(make: Maker) -> bytes:
    draft = make.store(make.small())
    draft.sized = False
    draft.headers += make.rng.choice(words.SMUGGLING)
    inner = make.held().dump()
    draft.body = make.rng.choice(words.CHUNKS).replace(b"INNER", inner)
    return draft.dump()


def pipelined(make: Maker) -> bytes:
    drafts = [make.held() for _ in range(make.rng.choice((2, 5, 40)))]
    for draft in drafts[:-1]:
        draft.headers.remove(b"Connection: close")
    return b"".join(draft.dump() for draft in drafts)


def old_versions(make: Maker) -> bytes:
    draft = make.held() if make.rng.random() < 0.5 else make.store(make.small())
    draft.version = make.rng.choice((b"HTTP/1.0", b"HTTP/0.9", b""))
    if make.rng.random() < 0.3:
        draft.headers[-1] = b"Connection: keep-alive"
    return draft.dump()


def expectations(make: Maker) -> bytes:
    draft = make.store(make.small())
    draft.headers.append(make.rng.choice(words.EXPECTATIONS))
    if make.rng.random() < 0.3:
        draft.headers[1] = b"Authorization: Bearer wrong"
    return draft.dump()


def upgrades(make: Maker) -> bytes:
    draft = make.held()
    draft.headers[-1] = b"Connection: Upgrade"
    draft.headers += make.rng.choice(words.UPGRADES)
    draft.path = make.rng.choice((draft.path, b"/", b"/admin/", b"/ws/subscribers/X"))
    return draft.dump() + make.junk(60)


def credentials(make: Maker) -> bytes:
    draft = make.held()
    draft.headers[1] = make.rng.choice(words.CREDENTIALS)
    return draft.dump()


def pages(make: Maker) -> bytes:
    draft = make.held()
    draft.path = make.rng.choice(words.PAGES)
    draft.headers.append(make.rng.choice(words.HEADERS))
    if make.rng.random() < 0.5:
        draft.method = make.rng.choice((b"POST", b"PUT", b"DELETE", b"HEAD"))
        draft.headers.append(b"Content-Type: " + make.rng.choice(words.CONTENT_TYPES))
        draft.body = make.rng.choice((make.junk(5000), b"username=a&password=%00%ff"))
    return draft.dump()


Family = Callable[[Maker], bytes]
FAMILIES: Final[tuple[Family, ...]] = (
    flipped_bytes,
    request_lines,
    odd_headers,
    huge_headers,
    many_headers,
    escapes,
    path_tricks,
    uids,
    queries,
    sequence_paths,
    accepts,
    ranges,
    frame_lists,
    bulk_paths,
    broken_multipart,
    cut_multipart,
    mutated_instances,
    mutated_instances,
    bombs,
    lengths,
    smuggling,
    pipelined,
    old_versions,
    expectations,
    upgrades,
    credentials,
    pages,
)
