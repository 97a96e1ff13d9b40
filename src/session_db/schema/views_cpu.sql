-- Hot functions of each layer, by the weight of the function itself.
CREATE VIEW layer_hotspots AS
SELECT
    layers.id AS layer_id,
    layers.source,
    layers.unit,
    symbols.fqn AS function,
    symbols.lang,
    sum(samples.weight) AS self_weight,
    100.0 * sum(samples.weight) / nullif(layers.total, 0) AS self_pct,
    count(*) AS samples
FROM samples
JOIN layers ON layers.id = samples.layer_id
LEFT JOIN symbols ON symbols.id = samples.symbol_id
GROUP BY layers.id, samples.symbol_id;
