-- A session as the tool dbg writes it: its version 3 and nothing of ours, from
-- the description of the format alone (docs/format.md and its schema).
CREATE TABLE sessions (id TEXT PRIMARY KEY, kind TEXT, target TEXT, target_class TEXT, target_hash TEXT, started_at TEXT,
    ended_at TEXT, label TEXT, created_by TEXT);
CREATE TABLE meta (session_id TEXT, key TEXT, value TEXT, PRIMARY KEY (session_id, key));
CREATE TABLE layers (id INTEGER PRIMARY KEY, session_id TEXT, source TEXT, file TEXT, collected_at TEXT, command_used TEXT,
    collection_secs REAL, target_hash TEXT);
CREATE TABLE symbols (id INTEGER PRIMARY KEY, session_id TEXT, lang TEXT, fqn TEXT, file TEXT, line INTEGER, demangled TEXT,
    raw TEXT, is_synthetic INTEGER, UNIQUE (session_id, lang, fqn));
CREATE TABLE failures (session_id TEXT, phase TEXT, error TEXT);
CREATE TABLE regions (id INTEGER PRIMARY KEY, session_id TEXT, name TEXT, start_us REAL, duration_us REAL, thread TEXT,
    layer_id INTEGER);
CREATE TABLE allocations (id INTEGER PRIMARY KEY, session_id TEXT, op TEXT, address INTEGER, bytes INTEGER, start_us REAL,
    heap TEXT, thread TEXT, stack_json TEXT, layer_id INTEGER);
CREATE TABLE commands (seq INTEGER PRIMARY KEY, session_id TEXT, input TEXT, output_head TEXT, output_file TEXT,
    output_bytes INTEGER, ts TEXT, canonical_op TEXT);
CREATE TABLE breakpoint_hits (id INTEGER PRIMARY KEY, session_id TEXT, location_key TEXT, hit_seq INTEGER, thread TEXT,
    ts TEXT NOT NULL, locals_json TEXT, stack_json TEXT);
CREATE TABLE watch_evals (id INTEGER PRIMARY KEY, session_id TEXT, hit_id INTEGER, expr TEXT, value TEXT, type_name TEXT,
    ts TEXT);
CREATE TABLE disassembly (id INTEGER PRIMARY KEY, session_id TEXT, symbol_id INTEGER, source TEXT, tier TEXT,
    code_bytes INTEGER, asm_text TEXT, asm_lines_json TEXT, collected_at TEXT, trigger TEXT, layer_id INTEGER);
CREATE TABLE source_snapshots (id INTEGER PRIMARY KEY, session_id TEXT, symbol_id INTEGER, file TEXT, line_start INTEGER,
    line_end INTEGER, text TEXT, content_hash TEXT, collected_at TEXT);
CREATE TABLE alloc_sites (id INTEGER PRIMARY KEY, session_id TEXT, symbol_id INTEGER, bytes_total INTEGER, count INTEGER,
    largest_bytes INTEGER, collected_at TEXT, layer_id INTEGER);
CREATE TABLE insn_hits (id INTEGER PRIMARY KEY, session_id TEXT, target TEXT, hit_count INTEGER, sample_basis TEXT,
    sample_period INTEGER, window_us REAL, backend TEXT, collected_at TEXT, detail_json TEXT);
CREATE TABLE insn_hit_details (id INTEGER PRIMARY KEY, insn_hit_id INTEGER, ts_us REAL, stack_json TEXT, regs_json TEXT);
CREATE TABLE samples (id INTEGER PRIMARY KEY, session_id TEXT, symbol_id INTEGER, thread TEXT, start_us REAL,
    duration_us REAL, cpu_ns INTEGER, weight REAL, stack_json TEXT, layer_id INTEGER);
CREATE TABLE counters (id INTEGER PRIMARY KEY, session_id TEXT, name TEXT, symbol_id INTEGER, value REAL, unit TEXT,
    layer_id INTEGER);
PRAGMA user_version = 3;

INSERT INTO sessions VALUES ('0123456789abcdef0123456789abcdef', 'debug', '/bin/theirs', 'native-cpu', '9:9',
    '2026-11-20T10:00:00Z', '2026-11-20T10:05:00Z', 'theirs', 'user');
INSERT INTO meta SELECT id, 'session_group_key', '/work|9:9' FROM sessions;
INSERT INTO symbols SELECT 1, id, 'c', 'parse', 't.c', 10, 'parse', 'parse', 0 FROM sessions;
INSERT INTO symbols SELECT 2, id, 'c', 'main', 't.c', 20, 'main', 'main', 0 FROM sessions;
INSERT INTO source_snapshots SELECT 1, id, 1, 't.c', 9, 11, 'int parse(int n) {
    return n * 2;
}', NULL, '2026-11-20T10:00:00Z' FROM sessions;
INSERT INTO disassembly SELECT 1, id, 1, 'gdb', NULL, 4, 'lea eax, [rdi+rdi]
ret', NULL, '2026-11-20T10:00:00Z', NULL, NULL FROM sessions;
INSERT INTO layers SELECT 1, id, 'perf', 'perf.data', '2026-11-20T10:01:00Z', 'perf record', 2.5, '9:9' FROM sessions;
INSERT INTO samples SELECT 1, id, 1, '1', 0.0, 1.0, NULL, 3.0, NULL, 1 FROM sessions;
INSERT INTO samples SELECT 2, id, 2, '1', 1.0, 1.0, NULL, 1.0, NULL, 1 FROM sessions;
INSERT INTO breakpoint_hits
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5)
SELECT n, sessions.id, 't.c:10', n, '1', '2026-11-20T10:00:0' || n || 'Z',
    json_object('n', json_object('value', CAST(n * n AS TEXT)), 'p', json_object('type', 'P', 'value', '{x = 3}',
        'x', json_object('value', '3'))), json_object('frame_symbol', 'parse')
FROM n, sessions;
INSERT INTO breakpoint_hits SELECT 6, id, 't.c:20', 1, '1', '2026-11-20T10:00:09Z', NULL,
    json_object('frame_symbol', 'main') FROM sessions;
INSERT INTO watch_evals SELECT 1, id, 3, 'n + 1', '10', 'int', '2026-11-20T10:00:03Z' FROM sessions;
