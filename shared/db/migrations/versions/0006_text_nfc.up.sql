-- Stored text in one form, as new text is: decomposed letters (a sheet from a Mac) become composed ones (NFC).
SET LOCAL lock_timeout = '5s';

-- Names of cities that are like a misspelt one. Its owner needs CREATE on the database, and no more: it is trusted.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Row security is forced on the owner, too, who has no policy: it would see no row and change nothing, without a word.
-- Others see nothing of this: the table is locked until the transaction ends, and its policies stay enabled.
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE client_activation NO FORCE ROW LEVEL SECURITY;

-- Numbers of shipments stay as they were written: items and reports have them, too. customFields are the caller's.
UPDATE orders
   SET name = normalize(name), carrier = normalize(carrier), email = normalize(email),
       shipping_address = normalize(shipping_address), shipping_city = normalize(shipping_city),
       shipping_department = normalize(shipping_department), stage_id = normalize(stage_id)
 WHERE (name IS NFC NORMALIZED AND carrier IS NFC NORMALIZED AND email IS NFC NORMALIZED
        AND shipping_address IS NFC NORMALIZED AND shipping_city IS NFC NORMALIZED
        AND shipping_department IS NFC NORMALIZED AND stage_id IS NFC NORMALIZED) IS FALSE;

UPDATE contacts
   SET name = normalize(name), phone = normalize(phone), email = normalize(email),
       identification = normalize(identification)
 WHERE (name IS NFC NORMALIZED AND phone IS NFC NORMALIZED AND email IS NFC NORMALIZED
        AND identification IS NFC NORMALIZED) IS FALSE;

-- The stages that orders are compared with.
UPDATE client_activation
   SET activation_stage_ids = ARRAY(
           SELECT normalize(stage.id) FROM unnest(activation_stage_ids) WITH ORDINALITY AS stage (id, position)
            ORDER BY stage.position)
 WHERE array_to_string(activation_stage_ids, ' ') IS NOT NFC NORMALIZED;

ALTER TABLE orders FORCE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
ALTER TABLE client_activation FORCE ROW LEVEL SECURITY;
