-- Hot functions of each layer: what a function cost itself, and with all that it called.
CREATE VIEW layer_hotspots AS
SELECT
    layers.id AS layer_id,
    layers.source,
    layers.unit,
    symbols.fqn AS function,
    symbols.lang,
    costs.file,
    costs.line,
    costs.module,
    costs.self_weight,
    100.0 * costs.self_weight / nullif(layers.total, 0) AS self_pct,
    costs.total_weight,
    100.0 * costs.total_weight / nullif(layers.total, 0) AS total_pct,
    costs.samples,
    costs.calls
FROM layer_functions AS costs
JOIN layers ON layers.id = costs.layer_id
JOIN symbols ON symbols.id = costs.symbol_id;
