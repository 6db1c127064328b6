"""Successive plain dumps of a PostgreSQL database that changes a little between two of them."""

import os
import random
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

BINARIES = Path("/usr/lib/postgresql/15/bin")
UPDATED_SHARE = 0.005
ADDED_SHARE = 0.01

SCHEMA = """
create table words (number int primary key, word text not null);
create table account (
    id bigint primary key, login text not null, token text not null, balance numeric(12,2) not null,
    created_at timestamptz not null, changed_at timestamptz not null, settings jsonb not null);
create table event (
    id bigint primary key, account_id bigint not null, happened_at timestamptz not null,
    kind text not null, reference text not null, amount numeric(10,2) not null,
    payload jsonb not null);
create table article (
    id bigint primary key, author_id bigint not null, published_at timestamptz not null,
    title text not null, body text not null);

create function moment() returns timestamptz language sql volatile as
    $$ select timestamptz '2021-01-01' + random() * interval '1300 days' $$;
-- A procedure, since an array of words is costly to hand to a function for every row.
create procedure add_articles(first int, last int) language plpgsql as $$
declare
    vocabulary constant text[] := (select array_agg(word order by number) from words);
    title text;
    body text;
begin
    for i in first..last loop
        title := '';
        body := '';
        -- The cube favours the front of the vocabulary, as language does.
        for word in 1..6 loop
            title := title || ' ' || vocabulary[1 + floor(4000 * random() ^ 3)::int];
        end loop;
        for word in 1..60 loop
            body := body || ' ' || vocabulary[1 + floor(4000 * random() ^ 3)::int];
        end loop;
        insert into article values (
            i, 1 + floor(random() * 400000)::bigint, moment(), substr(title, 2), substr(body, 2));
    end loop;
end $$;
"""

INDEXES = """
create index on account (login);
create index on event (account_id);
create index on event (happened_at);
create index on article (author_id, published_at);
"""

# Each takes rows numbered `first` to `last`.
INSERTS = {
    "account": """
        insert into account
        select i, 'user' || i, md5('account' || i || random()),
            round((random() * 90000)::numeric, 2), moment(), moment(), jsonb_build_object(
                'theme', (array['light', 'dark', 'system'])[1 + floor(random() * 3)::int],
                'language', (array['en', 'de', 'fr', 'ja', 'pt'])[1 + floor(random() * 5)::int],
                'notify', random() < 0.5, 'quota', floor(random() * 5000)::int,
                'devices', jsonb_build_array(substr(md5(random()::text), 1, 12)))
        from generate_series({first}, {last}) i""",
    "event": """
        insert into event
        select i, 1 + floor(random() * 400000)::bigint, moment(),
            (array['login', 'order', 'payment', 'refund', 'message', 'export'])
                [1 + floor(random() * 6)::int],
            md5('event' || i || random()), round((random() * 1000)::numeric, 2),
            jsonb_build_object('agent', 'Mozilla/5.0 (X11; Linux x86_64) client/' || i % 7,
                'path', '/api/v2/' || (array['orders', 'accounts', 'invoices', 'sessions'])
                    [1 + floor(random() * 4)::int],
                'address',
                concat_ws('.', 10, floor(random() * 256), floor(random() * 256), i % 256),
                'status', (array[200, 201, 301, 404, 500])[1 + floor(random() * 5)::int],
                'duration_ms', floor(random() * 3000)::int, 'retried', random() < 0.1)
        from generate_series({first}, {last}) i""",
    "article": "call add_articles({first}, {last})",
}
UPDATES = {
    "account": """
        update account set balance = balance + 10, changed_at = moment(),
            token = md5(token || random()) where random() < {share}""",
    "event": """
        update event set payload = payload || jsonb_build_object('duration_ms',
            floor(random() * 3000)::int, 'retried', true) where random() < {share}""",
    "article": """
        update article set body = body || ' edited on ' || moment()::date, published_at = moment()
        where random() < {share}""",
}
# Of 100 rows: how many each table has.
SHARES = {"account": 20, "event": 62, "article": 18}


def make_dumps(directory: Path, rows: int, count: int) -> None:
    """Writes `directory`/1.sql to COUNT.sql, each the database after one more day of changes."""
    with server() as socket:
        sizes = fill(socket, rows)
        for number in range(1, count + 1):
            if number > 1:
                sizes = {name: change(socket, name, size, number) for name, size in sizes.items()}
            dump(socket, directory / f"{number}.sql")


def make_packed(path: Path, rows: int) -> None:
    """Writes one such database, with a few indexes, in the form that pg_restore takes."""
    with server() as socket:
        fill(socket, rows)
        execute(socket, INDEXES)
        connect = ["-h", socket, "-U", "postgres"]
        quiet(BINARIES / "pg_dump", *connect, "-Fc", "-Z1", "-f", path, "postgres")


def fill(socket: str, rows: int) -> dict[str, int]:
    """Makes the tables, and answers how many rows each has."""
    sizes = {table: rows * share // 100 for table, share in SHARES.items()}
    execute(socket, SCHEMA + vocabulary())
    for place, (table, size) in enumerate(sizes.items(), 1):
        insert = INSERTS[table].format(first=1, last=size)
        execute(socket, f"select setseed({place / 10}); {insert};")
    return sizes


def change(socket: str, table: str, size: int, number: int) -> int:
    """Updates and adds rows, gives the space of old row versions free, answers the new size."""
    last = size + round(size * ADDED_SHARE)
    update = UPDATES[table].format(share=UPDATED_SHARE)
    insert = INSERTS[table].format(first=size + 1, last=last)
    seed = (10 * number + list(SHARES).index(table)) / 1000
    execute(socket, f"select setseed({seed}); {update}; {insert};")
    execute(socket, f"vacuum {table}")
    return last


def vocabulary() -> str:
    """4,000 invented words, the same on every machine."""
    source = random.Random(7)
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er")]
    words = {"".join(source.choices(syllables, k=source.choice((1, 2, 2, 3)))) for _ in range(9000)}
    rows = ",".join(f"({i},'{word}')" for i, word in enumerate(sorted(words)[:4000], 1))
    return f"insert into words values {rows};"


@contextmanager
def server():
    """A scratch server, run by an unprivileged user, on a Unix socket; gives the socket's place."""
    # Not below the benchmark's directory: the server's user may not be able to reach that.
    home = Path(tempfile.mkdtemp(prefix="bench-postgres-", dir="/var/tmp"))
    user = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    control = [*user, BINARIES / "pg_ctl", "-s", "-w", "-D", home / "data", "-l", home / "log"]
    settings = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off"
    settings += " -c autovacuum=off -c max_wal_size=4GB -c max_parallel_workers_per_gather=0"
    settings += " -c synchronize_seqscans=off"
    try:
        initialise = [BINARIES / "initdb", "-D", home / "data", "-U", "postgres", "--no-sync"]
        quiet(*user, *initialise, "--locale=C.UTF-8", "-A", "trust")
        quiet(*control, "-o", settings, "start")
        try:
            yield str(home)
        finally:
            quiet(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def execute(socket: str, statements: str, database: str = "postgres") -> None:
    command = [BINARIES / "psql", "-h", socket, "-U", "postgres", "-d", database, "-X", "-q"]
    quiet(*command, "-v", "ON_ERROR_STOP=1", "-f", "-", input=statements)


def dump(socket: str, path: Path) -> None:
    quiet(BINARIES / "pg_dump", "-h", socket, "-U", "postgres", "-f", path, "postgres")


def quiet(*command: str | Path, input: str = "") -> None:
    """Runs a command that must succeed, from a directory that every user can enter."""
    done = subprocess.run(
        command, input=input, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stderr.strip()}")
