-- What dbg-session adds to version 3. dbg ignores all of this; our own readers
-- look for it (SessionDb::has_column) and never assume it.

-- Functions' frames, each stored once.
CREATE TABLE frames (
    id            INTEGER PRIMARY KEY,
    symbol_id     INTEGER REFERENCES symbols (id), -- null without a name
    file          TEXT,                            -- as in location_key
    line          INTEGER,
    module        TEXT,                            -- base name of the object file
    module_offset INTEGER,                         -- bytes from the function's start, or the module's without one
    inlined       INTEGER NOT NULL DEFAULT 0       -- 1: inlined into the next outer frame
);
CREATE INDEX idx_frames_symbol ON frames (symbol_id);

-- Stacks as a tree, shared by hits and samples: a node is one frame called from
-- its parent, the root is the outermost frame, and a stack is named by its
-- innermost node.
--
--     1 main ── 2 parse ── 3 next     a hit in `next`: stack_id 3
--                     └─── 4 error    a hit in `error`: stack_id 4
CREATE TABLE stacks (
    id        INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES stacks (id),
    frame_id  INTEGER NOT NULL REFERENCES frames (id),
    depth     INTEGER NOT NULL                     -- 0 at the root
);
CREATE INDEX idx_stacks_parent ON stacks (parent_id, frame_id);

ALTER TABLE breakpoint_hits ADD COLUMN function TEXT;       -- symbols.fqn of the innermost frame
ALTER TABLE breakpoint_hits ADD COLUMN thread_name TEXT;
ALTER TABLE breakpoint_hits ADD COLUMN tid INTEGER;         -- the operating system's thread id
ALTER TABLE breakpoint_hits ADD COLUMN pid INTEGER;         -- and process id
ALTER TABLE breakpoint_hits ADD COLUMN pc INTEGER;          -- address of the instruction (64 bits, signed)
ALTER TABLE breakpoint_hits ADD COLUMN reason TEXT;         -- breakpoint, watchpoint, catchpoint, tracepoint, signal, exception
ALTER TABLE breakpoint_hits ADD COLUMN breakpoint INTEGER;  -- the debugger's number of the (first) breakpoint
ALTER TABLE breakpoint_hits ADD COLUMN breakpoints TEXT;    -- all of them, "1 2", when several stopped here
ALTER TABLE breakpoint_hits ADD COLUMN detail TEXT;         -- SIGSEGV, the watched expression, ...
ALTER TABLE breakpoint_hits ADD COLUMN stack_id INTEGER REFERENCES stacks (id);
ALTER TABLE breakpoint_hits ADD COLUMN error TEXT;          -- why the capture is not whole
ALTER TABLE breakpoint_hits ADD COLUMN read TEXT;           -- passed-by: the program went on before anything could be read

-- The same value as an object, like one entry of locals_json.
ALTER TABLE watch_evals ADD COLUMN value_json TEXT;

ALTER TABLE layers ADD COLUMN format TEXT;                  -- perf-script, perf-data, callgrind, folded
ALTER TABLE layers ADD COLUMN unit TEXT;                    -- of samples.weight: samples, Ir, cycles, ...
ALTER TABLE layers ADD COLUMN total REAL;                   -- sum of all weights, as the profiler reports it

-- What a person wrote down.
CREATE TABLE notes (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (id),
    hit_id     INTEGER REFERENCES breakpoint_hits (id),
    ts         TEXT NOT NULL,
    text       TEXT NOT NULL
);

-- The user's breakpoints as they stood at the last stop, so that
-- `breakpoints restore` can set them again, in either debugger.
CREATE TABLE breakpoints (
    id           INTEGER PRIMARY KEY,            -- ascends in the order of their making
    session_id   TEXT NOT NULL REFERENCES sessions (id),
    host         TEXT NOT NULL,                  -- gdb or lldb
    number       INTEGER NOT NULL,               -- the debugger's; LLDB counts watchpoints by themselves
    kind         TEXT NOT NULL,                  -- breakpoint, watchpoint, catchpoint, tracepoint
    form         TEXT NOT NULL,                  -- what spec is: line, function, regex, text, address, expression, event, other
    spec         TEXT NOT NULL,                  -- t.c:10, ns::parse, ^parse_, 0x401136, len, throw, as the user wrote it where known
    file         TEXT,                           -- where it was set, as in location_key
    line         INTEGER,
    function     TEXT,                           -- symbols.fqn of the function there
    text         TEXT,                           -- that line of the source, without the space around it
    locations    INTEGER NOT NULL DEFAULT 1,     -- places it was set at; 0: pending
    condition    TEXT,
    ignore_count INTEGER NOT NULL DEFAULT 0,     -- passes still to be ignored
    enabled      INTEGER NOT NULL DEFAULT 1,
    temporary    INTEGER NOT NULL DEFAULT 0,     -- 1: goes with its first stop
    hardware     INTEGER NOT NULL DEFAULT 0,
    access       TEXT,                           -- of a watchpoint: write, read, access
    thread       INTEGER,                        -- the debugger's number of the only thread it is for
    commands     TEXT,                           -- run at a stop, in the debugger's language
    hits         INTEGER NOT NULL DEFAULT 0,     -- as the debugger counted
    options      TEXT                            -- what only one kind or debugger has: a JSON object
);

-- Expressions evaluated at each hit.
CREATE TABLE watches (
    id          INTEGER PRIMARY KEY,
    session_id  TEXT NOT NULL REFERENCES sessions (id),
    number      INTEGER NOT NULL,                -- as `watch list` shows it
    expr        TEXT NOT NULL,
    allow_calls INTEGER NOT NULL DEFAULT 0       -- 1: may run code in the program
);

ALTER TABLE disassembly ADD COLUMN start INTEGER;           -- address of the first instruction when it was read
ALTER TABLE disassembly ADD COLUMN flavor TEXT;             -- att, intel; null where there is one dialect only
