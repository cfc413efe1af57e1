-- The schema is the same; which index is the newest no older version asks.
SET LOCAL lock_timeout = '10s';
