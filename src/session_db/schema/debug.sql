-- Version 3, shared with dbg: the debug track.

-- What was typed while the session was live.
CREATE TABLE commands (
    seq          INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES sessions (id),
    input        TEXT NOT NULL,
    output_head  TEXT,
    output_file  TEXT,
    output_bytes INTEGER,
    ts           TEXT NOT NULL,                  -- UTC, ISO 8601 with microseconds
    canonical_op TEXT
);
CREATE INDEX idx_commands_session ON commands (session_id);

-- One recorded stop of one thread at one location.
CREATE TABLE breakpoint_hits (
    id           INTEGER PRIMARY KEY,            -- ascends in the order of recording
    session_id   TEXT NOT NULL REFERENCES sessions (id),
    location_key TEXT NOT NULL,                  -- path:line, or module!symbol+0xOFF
    hit_seq      INTEGER NOT NULL,               -- 1, 2, 3 ... per location_key
    thread       TEXT,                           -- the debugger's number of the thread
    ts           TEXT NOT NULL,                  -- UTC, ISO 8601 with microseconds
    locals_json  TEXT,                           -- {name: {"type": ..., "value": ...}}
    stack_json   TEXT                            -- {"frame_symbol": fqn of the innermost frame}
);
-- Without session_id: a file holds one session, and the index is a quarter of the size.
CREATE INDEX idx_hits_location ON breakpoint_hits (location_key, hit_seq);

-- Watch expressions, evaluated at each hit.
CREATE TABLE watch_evals (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    hit_id     INTEGER REFERENCES breakpoint_hits (id),
    expr       TEXT NOT NULL,
    value      TEXT,
    type_name  TEXT,
    ts         TEXT NOT NULL
);
CREATE INDEX idx_watch_evals_hit ON watch_evals (hit_id);
