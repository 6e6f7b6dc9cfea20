-- when: "23 * * * *"
-- write: append
-- incremental: growing sequence of chain.changes
-- retries: 3
SELECT sequence, decided_at, actor, actor_name, door, address, action, object, domain, allowed, reasons, policies,
  request_id, facts, hash
FROM chain.changes
