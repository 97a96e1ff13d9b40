-- Version 3, shared with dbg: what joins the debug and the profile track.

CREATE TABLE disassembly (
    id             INTEGER PRIMARY KEY,
    session_id     TEXT NOT NULL REFERENCES sessions (id),
    symbol_id      INTEGER REFERENCES symbols (id),
    source         TEXT NOT NULL,                -- gdb, lldb, ...
    tier           TEXT,
    code_bytes     INTEGER,
    asm_text       TEXT NOT NULL,
    asm_lines_json TEXT,
    collected_at   TEXT NOT NULL,
    trigger        TEXT,
    layer_id       INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_disassembly_symbol ON disassembly (symbol_id);

-- Source text as it was while the session was recorded.
CREATE TABLE source_snapshots (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES sessions (id),
    symbol_id    INTEGER REFERENCES symbols (id),
    file         TEXT,                           -- as in location_key
    line_start   INTEGER,                        -- the first line of text, from 1
    line_end     INTEGER,                        -- the last one, included
    text         TEXT,
    content_hash TEXT,                           -- "{size}:{mtime_ns}" of the whole file
    collected_at TEXT NOT NULL
);
CREATE INDEX idx_source_snapshots_symbol ON source_snapshots (symbol_id);

CREATE TABLE alloc_sites (
    id            INTEGER PRIMARY KEY,
    session_id    TEXT NOT NULL REFERENCES sessions (id),
    symbol_id     INTEGER REFERENCES symbols (id),
    bytes_total   INTEGER,
    count         INTEGER,
    largest_bytes INTEGER,
    collected_at  TEXT NOT NULL,
    layer_id      INTEGER REFERENCES layers (id)
);
CREATE INDEX idx_alloc_sites_symbol ON alloc_sites (symbol_id);

-- How often an instruction was passed.
CREATE TABLE insn_hits (
    id            INTEGER PRIMARY KEY,
    session_id    TEXT NOT NULL REFERENCES sessions (id),
    target        TEXT NOT NULL,
    hit_count     INTEGER NOT NULL,
    sample_basis  TEXT NOT NULL,
    sample_period INTEGER,
    window_us     REAL,
    backend       TEXT NOT NULL,
    collected_at  TEXT NOT NULL,
    detail_json   TEXT
);
CREATE INDEX idx_insn_hits_target ON insn_hits (session_id, target);

CREATE TABLE insn_hit_details (
    id          INTEGER PRIMARY KEY,
    insn_hit_id INTEGER NOT NULL REFERENCES insn_hits (id),
    ts_us       REAL,
    stack_json  TEXT,
    regs_json   TEXT
);
CREATE INDEX idx_insn_hit_details_hit ON insn_hit_details (insn_hit_id);
