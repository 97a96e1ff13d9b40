-- The public face for people who write SQL.

-- One row per value, members and elements included (name `p.x`, `a[0]`); numbers also as numbers.
CREATE VIEW hit_values AS
SELECT
    hits.id AS hit_id,
    hits.location_key,
    hits.hit_seq,
    hits.ts,
    hits.thread,
    -- A path has keys in quotes wherever they are no plain names. What is escaped inside is set aside
    -- first; then a quote is the end of a key. An element follows without a dot, and a member that is
    -- called like a fact has a dot of its own before it (src/value/locals/key.rs).
    replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(substr(tree.path, 3), '\\', char(2)), '\"', char(1)),
        '."[', '"['), '".type"', 'type'), '".value"', 'value'), '".status"', 'status'), '".count"', 'count'),
        '".addr"', 'addr'), '".arg"', 'arg'), '"', ''), char(1), '"'), char(2), '\') AS name,
    json_extract(hits.locals_json, tree.path || '.type') AS type,
    tree.value AS value,
    CASE WHEN json_valid(tree.value) AND json_type(tree.value) IN ('integer', 'real')
        THEN json_extract(tree.value, '$')
    END AS number,
    CASE WHEN json_type(hits.locals_json, tree.path || '.status') = 'text'
        THEN json_extract(hits.locals_json, tree.path || '.status')
        ELSE json_extract(hits.locals_json, tree.path || '.".status"')
    END AS status
FROM breakpoint_hits AS hits,
    json_tree(iif(json_valid(hits.locals_json), hits.locals_json, '{}')) AS tree
WHERE tree.key = 'value' AND tree.type = 'text';

-- One row per frame of each hit's stack; level 0 is the innermost. The depth becomes less at each
-- step outwards, so that a circle in a damaged file has an end.
CREATE VIEW hit_frames AS
WITH RECURSIVE walk (top, level, node, depth, parent) AS (
    SELECT id, 0, id, depth, parent_id FROM stacks
    UNION ALL
    SELECT walk.top, walk.level + 1, stacks.id, stacks.depth, stacks.parent_id
    FROM walk JOIN stacks ON stacks.id = walk.parent
    WHERE stacks.depth < walk.depth
)
SELECT
    hits.id AS hit_id,
    hits.location_key,
    hits.hit_seq,
    walk.level,
    symbols.fqn AS function,
    frames.file,
    frames.line,
    frames.module,
    frames.module_offset,
    frames.inlined
FROM breakpoint_hits AS hits
JOIN walk ON walk.top = hits.stack_id
JOIN stacks ON stacks.id = walk.node
JOIN frames ON frames.id = stacks.frame_id
LEFT JOIN symbols ON symbols.id = frames.symbol_id;
