-- Version 3, shared with dbg: profiles of anything that runs on a CPU.

CREATE TABLE samples (
    id          INTEGER PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES sessions (id),
    symbol_id   INTEGER REFERENCES symbols (id), -- the innermost function
    thread      TEXT,
    start_us    REAL,                            -- microseconds since the profile's start
    duration_us REAL,
    cpu_ns      INTEGER,
    weight      REAL NOT NULL DEFAULT 1.0,       -- in the layer's unit
    stack_json  TEXT,
    layer_id    INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_samples_symbol ON samples (session_id, symbol_id);

CREATE TABLE counters (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    name       TEXT NOT NULL,
    symbol_id  INTEGER REFERENCES symbols (id),
    value      REAL NOT NULL,
    unit       TEXT,
    layer_id   INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_counters_name ON counters (session_id, name);
