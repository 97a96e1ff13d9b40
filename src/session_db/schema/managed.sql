-- Version 3, shared with dbg: runtimes with a collector and a compiler (.NET, JVM).

CREATE TABLE gc_events (
    id                INTEGER PRIMARY KEY,
    session_id        TEXT NOT NULL REFERENCES sessions (id),
    kind              TEXT NOT NULL,
    pause_us          REAL,
    start_us          REAL,
    heap_before_bytes INTEGER,
    heap_after_bytes  INTEGER,
    reason            TEXT,
    layer_id          INTEGER REFERENCES layers (id)
);

CREATE TABLE jit_events (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    symbol_id  INTEGER REFERENCES symbols (id),
    compile_us REAL,
    code_bytes INTEGER,
    tier       TEXT,
    start_us   REAL,
    layer_id   INTEGER REFERENCES layers (id)
);
