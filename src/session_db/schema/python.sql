-- Version 3, shared with dbg: Python's interpreter lock.

CREATE TABLE gil_events (
    id          INTEGER PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES sessions (id),
    kind        TEXT NOT NULL,
    thread      TEXT,
    start_us    REAL,
    duration_us REAL,
    layer_id    INTEGER REFERENCES layers (id)
);
