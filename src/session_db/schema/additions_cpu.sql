-- What dbg-session adds where there are samples.

ALTER TABLE samples ADD COLUMN stack_id INTEGER REFERENCES stacks (id);
CREATE INDEX idx_samples_layer ON samples (layer_id);

-- What each function of a layer cost: the sums that hot functions are read from.
CREATE TABLE layer_functions (
    layer_id     INTEGER NOT NULL REFERENCES layers (id),
    symbol_id    INTEGER NOT NULL REFERENCES symbols (id),
    self_weight  REAL NOT NULL,                    -- in the layer's unit
    total_weight REAL NOT NULL,                    -- with all that it called, recursion counted once
    samples      INTEGER NOT NULL,                 -- of the function itself; 0 where the profiler takes none
    calls        INTEGER,                          -- to the function, where the profiler counts them
    file         TEXT,                             -- as the profile tells it
    line         INTEGER,                          -- the function's first one
    module       TEXT,                             -- base name of the object file
    PRIMARY KEY (layer_id, symbol_id)
) WITHOUT ROWID;

-- Who called whom, from stacks or from counted calls.
CREATE TABLE layer_calls (
    layer_id  INTEGER NOT NULL REFERENCES layers (id),
    caller_id INTEGER NOT NULL REFERENCES symbols (id),
    callee_id INTEGER NOT NULL REFERENCES symbols (id),
    weight    REAL NOT NULL,                       -- of the callee called from the caller, with all below it
    calls     INTEGER,
    PRIMARY KEY (layer_id, caller_id, callee_id)
) WITHOUT ROWID;
