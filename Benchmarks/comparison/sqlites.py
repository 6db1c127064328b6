"""An SQLite database, and what changes in it."""

import random
import sqlite3
from pathlib import Path

CHANGED_SHARE = 0.01


def make(path: Path, rows: int) -> None:
    """Writes a database of one table with one index."""
    source = random.Random(11)
    words = [f"{number * 2654435761 % 1000003:x}" for number in range(1 << 14)]

    def row(number: int) -> tuple:
        start = source.randrange(16_000)
        text = " ".join(words[start : start + 30])
        token = f"{source.getrandbits(128):032x}"
        settings = f'{{"theme": "dark", "quota": {source.randrange(5000)}, "token": "{token}"}}'
        return number, f"user{number}", source.random() * 1000, settings, text

    with sqlite3.connect(path) as database:
        database.execute(
            "create table account (id integer primary key, login text not null, balance real, "
            "settings text, note text)")
        database.executemany("insert into account values (?, ?, ?, ?, ?)", map(row, range(1, rows + 1)))
        database.execute("create index account_login on account (login)")
    database.close()


def change_pages(path: Path) -> None:
    """Changes one row in each of so many pages, which lie anywhere in the file."""
    source = random.Random(13)
    with sqlite3.connect(path) as database:
        (pages,) = database.execute("pragma page_count").fetchone()
        (rows,) = database.execute("select max(id) from account").fetchone()
        chosen = source.sample(range(1, rows + 1), round(pages * CHANGED_SHARE))
        database.executemany(
            "update account set balance = balance + 1 where id = ?", ((row,) for row in chosen))
    database.close()
