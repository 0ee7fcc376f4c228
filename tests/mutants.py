"""Damages files as disks, editors and strangers do: by bytes, and by what the bytes stand for; a seed fixes it all."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import random
import sqlite3
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Mutator"]

_DEEP = "deep"  # stands for lists in one another, which no list of values could hold
_ODD: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e308, 5e-324, "", "x", "0", "NaN", "inf",
    "\0", "\r", "\n", "é", "𝔘" * 300, "../../etc/passwd", "/etc/passwd", "..", "a/b", "=1+1", "<b>", "x.py:A", [], {},
    [[]], {"": None}, [None], ["a", 1], _DEEP,
)  # fmt: skip
_CELLS = (
    "", " ", "x", "0", "-1", "1", "1.5", "1e999", "-inf", "inf", "nan", "NaN", "True", "1_0", "0x10", "١", "1" * 400,
    "9223372036854775808", "\0", "é", "\ufeff", "..", "../x", "/etc/passwd", "a/b", "=1+1", '"', '""', "ok", "pass",
    "failed", "recovered", "none", "attack:../x", "'", ",", "1e308", "1e-320",
)  # fmt: skip
_TOKENS = (
    "", "1", "-1", "1e999", "nan", "inf", "true", '""', "[]", "{}", "[[[[", "9" * 5000, "'x'", '"..\\u0000"',
    "2099-99-99", "[analyses.'x.py:A']", "[[claim]]", "=", "\n", "extends = 'quick'", "extends = './here.toml'",
    "#", '"""',
)  # fmt: skip


class Mutator:
    """Mutants of files, drawn from one stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def any_of(self, *ways: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        """One of these ways, drawn for each mutant."""
        return lambda content: self.random.choice(ways)(content)

    def damaged(self, content: bytes) -> bytes:
        """One to three places changed, cut out, put in, swapped or cut off."""
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            content = self._bytes(content)
        return content

    def _bytes(self, content: bytes) -> bytes:
        draw, place = self.random, self.random.randrange(len(content) + 1)
        length = draw.choice((1, 1, 2, 4, 16, 200))
        some = content[place : place + length]
        way = draw.randrange(9)
        if way == 0 and some:
            return content[:place] + bytes([some[0] ^ 1 << draw.randrange(8)]) + content[place + 1 :]
        if way == 1:
            return content[:place] + bytes([draw.choice((0, 255, 10, 34, 44, 45, 48, 57, 127))]) + content[place + 1 :]
        if way == 2:
            return content[:place] + content[place + length :]
        if way == 3:
            return content[:place] + draw.randbytes(length) + content[place:]
        if way == 4:
            return content[:place] + some + content[place:]
        if way == 5:
            return content[:place]
        if way == 6:
            return content[:place] + draw.choice((b"\0", b"\xff")) * len(some) + content[place + length :]
        if way == 7:
            other = draw.randrange(len(content) + 1)
            return content[:place] + content[other : other + length] + content[place + length :]
        return content + draw.choice((b"\0", b"\n", draw.randbytes(length), content))

    def json(self, content: bytes) -> bytes:
        """A value replaced, taken out, renamed or put in; or the text made what Python writes and JSON is not."""
        value = json.loads(content)
        places = list(_places(value))
        parent, key = self.random.choice(places)
        way = self.random.randrange(8)
        if way < 4:
            parent[key] = copy.deepcopy(self.random.choice(_ODD))
        elif way == 4:
            del parent[key]
        elif way == 5:
            other, its = self.random.choice(places)
            parent[key] = copy.deepcopy(other[its])
        elif isinstance(parent, dict):
            name = self.random.choice(("x", "", "../x", "\ud800", "x.py:A", "schema"))
            parent[name] = copy.deepcopy(parent[key])
        number = parent.get(key) if isinstance(parent, dict) else None
        if way == 7 and isinstance(number, int | float) and not isinstance(number, bool):
            parent[key] = number * self.random.choice((2, -1, 10**6, 1.5)) + self.random.choice((0, 1))
        text = json.dumps(value)
        for mark, odd in (
            (f'"{_DEEP}"', "[" * 3000 + "]" * 3000),
            ('"NaN"', "NaN"),
            ('"inf"', "-Infinity"),
            ('"0"', "9" * 5000),
        ):
            if self.random.random() < 0.7:
                text = text.replace(mark, odd)
        return (text.replace("{", '{"a": 1, "a": 2, ', 1) if self.random.random() < 0.03 else text).encode()

    def csv(self, content: bytes) -> bytes:
        """A value, a row or a column of a table replaced, taken out, doubled, moved or cut short."""
        rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
        row, column = self.random.randrange(len(rows)), self.random.randrange(len(rows[0]))
        way = self.random.randrange(14)
        if way < 7:
            rows[max(row, 1)][column] = self.random.choice(_CELLS)
        elif way == 7:
            rows[row][column] = rows[self.random.randrange(len(rows))][self.random.randrange(len(rows[0]))]
        elif way == 8:
            rows[max(row, 1)][column] = rows[self.random.randrange(1, len(rows))][column]
        elif way == 9:
            del rows[row]
        elif way == 10:
            rows.insert(row, list(rows[max(row, 1)]))
        elif way == 11:
            rows = [[*one[:column], *one[column + 1 :]] for one in rows]
        elif way == 12:
            rows = [[*one, one[column]] for one in rows]
        else:
            rows[row] = self.random.choice((rows[row][:column], [*rows[row], "x"], []))
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode("utf-8", "surrogatepass")

    def inside_gzip(self, way: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        """The same way for what a gzip file holds, which is packed again."""
        return lambda content: gzip.compress(way(gzip.decompress(content)), 1, mtime=0)

    def toml(self, content: bytes) -> bytes:
        """A word, a value or a line of it replaced, doubled or taken out."""
        lines = content.decode().split("\n")
        place = self.random.randrange(len(lines))
        key, equals, _ = lines[place].partition("=")
        way = self.random.randrange(5)
        if way == 0 or not equals:
            lines.insert(place, self.random.choice((*_TOKENS, self.random.choice(lines))))
        elif way == 1:
            del lines[place]
        elif way == 2:
            lines[place] = f"{self.random.choice(lines).partition('=')[0]}={lines[place].partition('=')[2]}"
        elif way == 3:
            lines[place] = f"{key}={self.random.choice(lines).partition('=')[2]}"
        else:
            lines[place] = f"{key}= {self.random.choice(_TOKENS)}"
        return "\n".join(lines).encode()

    def npy(self, content: bytes) -> bytes:
        """Another shape, type or order in the header of an array."""
        end = 10 + struct.unpack("<H", content[8:10])[0]
        header = content[10:end].decode("latin-1").rstrip()
        old, new = self.random.choice((
            ("|u1", "|O"), ("|u1", "<f8"), ("|u1", "|S9"), ("'|u1'", "[('a', '|u1')]"), ("False", "True"),
            ("False", "0"),
            ("shape", "shapes"), ("(", "(-"), ("(", "(0, "), ("(", "(9999999999, "), (", ", ", 9, "), ("(", "((((((("),
            ("}", "}}"), ("{", "[" * 3000), ("'descr'", "None"), (")", ", 'a')"),
        ))  # fmt: skip
        changed = header.replace(old, new, 1).encode("latin-1") + b"\n"
        return content[:8] + struct.pack("<H", len(changed)) + changed + content[end:]

    def png(self, content: bytes) -> bytes:
        """A piece of a picture with other content and a checksum that fits, doubled, taken out or moved."""
        chunks, place = [], 8
        while place + 8 <= len(content):
            size, kind = struct.unpack(">I4s", content[place : place + 8])
            chunks.append((kind, content[place + 8 : place + 8 + size]))
            place += size + 12
        chosen = self.random.randrange(len(chunks))
        kind, inner = chunks[chosen]
        way = self.random.randrange(7)
        if way == 0:
            head = struct.pack(
                ">IIBBBBB", *(self.random.choice((0, 1, 7, 2**31 - 1, 40_000)) for _ in range(2)), 8, 2, 0, 0, 0
            )
            chunks[0] = (b"IHDR", head)
        elif way == 1:
            chunks[chosen] = (kind, self.damaged(inner))
        elif way == 2:
            chunks.insert(chosen, (kind, inner))
        elif way == 3:
            del chunks[chosen]
        elif way == 4:
            chunks.insert(1, (b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 22))))
        elif way == 5:
            chunks.insert(
                1,
                (self.random.choice((b"tRNS", b"PLTE", b"gAMA", b"eXIf", b"acTL", b"xxxx")), self.random.randbytes(9)),
            )
        else:
            other = self.random.randrange(len(chunks))
            chunks[chosen], chunks[other] = chunks[other], chunks[chosen]
        return content[:8] + b"".join(_chunk(*one) for one in chunks)

    def sqlite(self, path: Path) -> None:
        """A value of a database changed to another type or size; a column, a table or a view made or dropped."""
        connection = sqlite3.connect(path)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = self.random.choice(tables)
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = self.random.choice(columns)
        odd = self.random.choice(
            (None, b"\0\xff", b"", "", "x", "é\0", -1, 2**62, 1e308, -1e-300, 0.5, "[]", "[[1]]", "{}", bytes(99))
        )
        way = self.random.randrange(12)
        try:
            with connection:
                if way < 6:
                    connection.execute(
                        f"UPDATE {table} SET {column} = ? WHERE rowid = {self._row(connection, table)}", (odd,)
                    )
                elif way == 6:
                    connection.execute(f"UPDATE {table} SET {column} = CAST(x'ff80' AS TEXT)")
                elif way == 7:
                    one, two = self._row(connection, table), self._row(connection, table)
                    source = f"(SELECT {column} FROM {table} WHERE rowid = {one})"
                    connection.execute(f"UPDATE {table} SET {column} = {source} WHERE rowid = {two}")
                elif way == 8:
                    (value,) = connection.execute(f"SELECT {column} FROM {table} ORDER BY random() LIMIT 1").fetchone()
                    changed = self.damaged(value) if isinstance(value, bytes) else str(value)[::-1]
                    connection.execute(f"UPDATE {table} SET {column} = ?", (changed,))
                elif way == 9:
                    connection.execute(self.random.choice((
                        f"ALTER TABLE {table} DROP COLUMN {column}", f"DROP TABLE {table}", f"DELETE FROM {table}",
                        f"ALTER TABLE {table} RENAME COLUMN {column} TO other", "PRAGMA user_version = 77",
                    )))  # fmt: skip
                elif way == 10:
                    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
                    connection.execute(f"ALTER TABLE {table} RENAME TO old")
                    connection.execute(f"CREATE VIEW {table} AS {endless}")
                else:
                    connection.execute(f"INSERT INTO {table} DEFAULT VALUES")
        except sqlite3.Error:
            pass  # the database itself does not take that
        connection.close()

    def _row(self, connection: sqlite3.Connection, table: str) -> int:
        rows: list[int] = [row for (row,) in connection.execute(f"SELECT rowid FROM {table}")]
        return self.random.choice(rows or [0])


def _places(value: Any) -> Any:
    """(container, key) of every value in a value of JSON."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
