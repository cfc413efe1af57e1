-- What cost more the more there was already.
SET LOCAL lock_timeout = '10s';

-- Pruning finds what is old, and reads nothing else.
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;
