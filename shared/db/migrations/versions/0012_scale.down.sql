SET LOCAL lock_timeout = '10s';

DROP INDEX outbox_published;
