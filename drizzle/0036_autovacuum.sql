-- The defaults wait until a fifth of a table has changed: of ten million requests, two million. Small portions are soon done,
-- and autovacuum goes slowly by itself.
ALTER TABLE ledger SET (
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
