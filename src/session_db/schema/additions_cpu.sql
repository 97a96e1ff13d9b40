-- What dbg-session adds where there are samples.

ALTER TABLE samples ADD COLUMN stack_id INTEGER REFERENCES stacks (id);
CREATE INDEX idx_samples_layer ON samples (layer_id);
