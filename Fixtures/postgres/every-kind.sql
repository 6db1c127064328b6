-- A database with every kind of object that pg_dump keeps, and names and values that are hard to carry.
-- The roles OWNER and READER, and the name of the database, are put in by the test.
CREATE EXTENSION hstore;
CREATE EXTENSION pg_trgm;
CREATE SCHEMA "odd.schema" AUTHORIZATION :OWNER;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT $1 + 1; -- ; 'x
$$;
CREATE FUNCTION atomicf(x integer) RETURNS integer LANGUAGE sql
    BEGIN ATOMIC SELECT x + 1; SELECT x + 2; END;
CREATE PROCEDURE p() LANGUAGE plpgsql AS $body$ BEGIN NULL; END $body$;
CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
CREATE OPERATOR === (leftarg = integer, rightarg = integer, function = int4eq);
CREATE TABLE users (
    id serial PRIMARY KEY, name text NOT NULL COLLATE german, m mood DEFAULT 'ok', pos positive,
    doc jsonb, h hstore, b bytea, f float8, ts timestamptz, d date, iv interval, arr text[], p pair,
    u text UNIQUE, CHECK (length(name) > 0));
CREATE TABLE ident (
    id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 7), v integer,
    twice integer GENERATED ALWAYS AS (v * 2) STORED, dropped text, later text);
ALTER TABLE ident DROP COLUMN dropped;
CREATE TABLE orders (
    id integer NOT NULL, user_id integer REFERENCES users (id), at date NOT NULL,
    PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
    PARTITION BY HASH (id);
CREATE TABLE orders_2025_0 PARTITION OF orders_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_2025_1 PARTITION OF orders_2025 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE INDEX orders_user ON orders (user_id);
CREATE TABLE base (a integer);
CREATE TABLE derived (b integer) INHERITS (base);
CREATE UNLOGGED TABLE fast (k text PRIMARY KEY, v text);
CREATE TABLE "odd.schema"."a/b.c ""q"" é" ("x y" integer, "select" text, "ü" text);
CREATE TABLE nothing ();
CREATE TABLE empty (x integer);
CREATE TABLE secret (owner text, v text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON secret USING (owner = current_user);
CREATE SEQUENCE lonely START 5 INCREMENT 5 MAXVALUE 1000 CYCLE;
CREATE SEQUENCE untouched AS smallint START 3;
CREATE VIEW names AS SELECT id, name FROM users;
CREATE VIEW updatable WITH (security_barrier) AS SELECT * FROM users WHERE id > 0
    WITH LOCAL CHECK OPTION;
CREATE MATERIALIZED VIEW counts AS SELECT m, count(*) AS n FROM users GROUP BY m;
CREATE UNIQUE INDEX counts_m ON counts (m);
CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS x WITH NO DATA;
CREATE MATERIALIZED VIEW over AS SELECT sum(n) AS all_of FROM counts WITH NO DATA;
CREATE VIEW grouped AS SELECT id, name, count(*) FROM users GROUP BY id;
CREATE RULE no_delete AS ON DELETE TO base DO INSTEAD (SELECT 1; SELECT 2);
CREATE FUNCTION bang() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN NEW.name := NEW.name || '!'; RETURN NEW; END $$;
CREATE TRIGGER bang BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION bang();
CREATE TRIGGER off BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION bang();
ALTER TABLE users DISABLE TRIGGER off;
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER noticed ON ddl_command_end EXECUTE FUNCTION noticed();
CREATE STATISTICS together ON id, name FROM users;
CREATE INDEX users_trgm ON users USING gin (name gin_trgm_ops);
CREATE INDEX users_lower ON users (lower(name)) WHERE pos > 1;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER nothing OPTIONS (host 'x');
CREATE FOREIGN TABLE far (x integer) SERVER elsewhere;
CREATE USER MAPPING FOR :READER SERVER elsewhere;
CREATE PUBLICATION pub FOR TABLE users, ident;
CREATE TEXT SEARCH CONFIGURATION words (COPY = english);
CREATE CAST (pair AS text) WITH INOUT;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO :READER;
GRANT SELECT (id, name) ON users TO :READER;
GRANT ALL ON fast TO PUBLIC;
GRANT USAGE ON SEQUENCE lonely TO :READER;
ALTER TABLE fast OWNER TO :OWNER;
COMMENT ON TABLE users IS E'People; -- not\n--\n-- Name: trap; Type: INDEX; Schema: public; Owner: x\n--\n\n''quoted''';
COMMENT ON COLUMN users.id IS 'key';
COMMENT ON INDEX users_trgm IS E'a\n--\n-- Name: fake fake; Type: CONSTRAINT; Schema: public; Owner: z\n--\n\nALTER';
COMMENT ON CONSTRAINT users_pkey ON users IS 'pk';
ALTER TABLE users CLUSTER ON users_pkey;
ALTER TABLE ident REPLICA IDENTITY FULL;
ALTER TABLE users ALTER COLUMN doc SET STORAGE EXTERNAL, ALTER COLUMN id SET STATISTICS 500;
ALTER TABLE users DISABLE TRIGGER bang;
INSERT INTO users (name, m, pos, doc, h, b, f, ts, d, iv, arr, p, u)
    SELECT 'näme ' || i || E'\t\\x\n', (ARRAY['sad', 'ok', 'happy'])[1 + i % 3]::mood, i,
        jsonb_build_object('k', i, 's', E'\\.'), hstore('a', i::text), decode(md5(i::text), 'hex'),
        CASE i % 4 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN 'Infinity'::float8 ELSE sqrt(i) END,
        timestamptz '2026-01-01' + i * interval '1 s 1 us', date '2024-01-01' + i,
        make_interval(days => i, secs => 0.1 * i), ARRAY['a', NULL, '"']::text[], ROW(i, 'x')::pair,
        CASE WHEN i % 2 = 0 THEN 'u' || i END
    FROM generate_series(1, 2000) i;
ALTER TABLE users ENABLE TRIGGER bang;
INSERT INTO ident (v, later) SELECT i, 'l' || i FROM generate_series(1, 100) i;
INSERT INTO orders SELECT i, i, date '2024-01-01' + (i % 900) FROM generate_series(1, 2000) i;
INSERT INTO base VALUES (1);
INSERT INTO derived VALUES (2, 3);
INSERT INTO fast VALUES ('k', 'v');
INSERT INTO "odd.schema"."a/b.c ""q"" é" VALUES (1, '\.', E'\\.');
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO nothing DEFAULT VALUES;
INSERT INTO secret VALUES ('nobody', 'x');
SELECT nextval('lonely'), nextval('lonely');
REFRESH MATERIALIZED VIEW counts;
REFRESH MATERIALIZED VIEW over;
SELECT lo_create(4242);
SELECT lo_from_bytea(4243, decode(repeat('00ff41', 300000), 'hex'));
ALTER LARGE OBJECT 4243 OWNER TO :OWNER;
GRANT SELECT ON LARGE OBJECT 4243 TO :READER WITH GRANT OPTION;
COMMENT ON LARGE OBJECT 4243 IS E'it''s\n big \\';
SELECT lo_from_bytea(4244, 'x');
SELECT lo_from_bytea(4245, decode(repeat('cd', 1000000), 'hex'));
