-- Version 3, shared with dbg: what every session has, whatever its target.
-- The columns here are a contract with another tool's reader: additions go
-- to additions.sql, nothing here is renamed or dropped.

-- The one session that this file holds.
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,               -- 32 lower-case hex digits
    kind         TEXT NOT NULL CHECK (kind IN ('debug', 'profile')),
    target       TEXT NOT NULL,                  -- path of the program, as the debugger named it
    target_class TEXT NOT NULL,                  -- gpu, native-cpu, managed-dotnet, jvm, python, node, ruby, php
    target_hash  TEXT,                           -- "{size in bytes}:{mtime in ns}" of the target
    started_at   TEXT NOT NULL,                  -- UTC, ISO 8601 with microseconds
    ended_at     TEXT,                           -- the same; null while live, and for good if interrupted
    label        TEXT NOT NULL,                  -- also the stem of the file
    created_by   TEXT NOT NULL DEFAULT 'auto'    -- auto or user
);

-- Facts about the session: session_group_key, cwd, ...
CREATE TABLE meta (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    key        TEXT NOT NULL,
    value      TEXT,
    PRIMARY KEY (session_id, key)
);

-- One profile attached to the session.
CREATE TABLE layers (
    id              INTEGER PRIMARY KEY,
    session_id      TEXT NOT NULL REFERENCES sessions (id),
    source          TEXT NOT NULL,               -- perf, callgrind, folded, ...
    file            TEXT,                        -- the raw file, relative to the session's raw folder
    collected_at    TEXT,                        -- UTC, ISO 8601
    command_used    TEXT,                        -- the profiler's command line, where the file tells it
    collection_secs REAL,                        -- seconds
    target_hash     TEXT                         -- as in sessions
);
CREATE INDEX idx_layers_session ON layers (session_id);

-- Functions: the key on which hits and samples join.
CREATE TABLE symbols (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES sessions (id),
    lang         TEXT NOT NULL,                  -- c, cpp, rust, unknown
    fqn          TEXT NOT NULL,                  -- canonical name, without parameters
    file         TEXT,                           -- with line: where it was first hit, as in location_key
    line         INTEGER,
    demangled    TEXT,                           -- the full demangled name
    raw          TEXT NOT NULL,                  -- the name as the debugger or profiler gave it
    is_synthetic INTEGER NOT NULL DEFAULT 0,     -- 1: made by the compiler (closure, lambda, thunk)
    UNIQUE (session_id, lang, fqn)
);
CREATE INDEX idx_symbols_fqn ON symbols (fqn);

-- What went wrong while recording, so that a gap explains itself.
CREATE TABLE failures (
    session_id TEXT NOT NULL REFERENCES sessions (id),
    phase      TEXT,
    error      TEXT
);

-- Named spans of time.
CREATE TABLE regions (
    id          INTEGER PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES sessions (id),
    name        TEXT NOT NULL,
    start_us    REAL,                            -- microseconds since the session's start
    duration_us REAL,
    thread      TEXT,
    layer_id    INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_regions_session ON regions (session_id);

-- Heap operations.
CREATE TABLE allocations (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    op         TEXT NOT NULL,                    -- alloc, free, realloc
    address    INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    start_us   REAL,
    heap       TEXT NOT NULL DEFAULT 'default',
    thread     TEXT,
    stack_json TEXT,
    layer_id   INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_allocations_address ON allocations (session_id, address);
CREATE INDEX idx_allocations_time ON allocations (session_id, start_us);
