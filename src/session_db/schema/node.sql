-- Version 3, shared with dbg: Node's event loop.

CREATE TABLE event_loop_lags (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    lag_us     REAL NOT NULL,
    start_us   REAL,
    phase      TEXT,
    layer_id   INTEGER REFERENCES layers (id)
);
