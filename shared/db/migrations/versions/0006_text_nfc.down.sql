-- Text stays as it is: in both forms it is the same text.
SET LOCAL lock_timeout = '5s';

DROP EXTENSION pg_trgm;
