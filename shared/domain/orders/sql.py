"""The statements about orders and contacts. Lock order: orders by id, contacts by id."""

# One order and its contact.
SELECT_ORDER = """
SELECT orders.id, orders.workspace_id, orders.contact_id, orders.name, orders.total_value, orders.prepaid,
       orders.carrier, orders.tracking_number, orders.carrier_guide_number, orders.shipping_address,
       orders.shipping_city, orders.shipping_department, orders.email, orders.stage_id, orders.custom_fields,
       orders.created_at, orders.updated_at,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification, contact.is_client AS contact_is_client
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = %(order_id)s AND orders.workspace_id = %(workspace_id)s
"""

# Orders that no workspace has yet. One that is being inserted elsewhere is waited for.
INSERT_ORDERS = """
INSERT INTO orders (id, workspace_id, name, total_value, prepaid, carrier, shipping_address, shipping_city,
                    shipping_department, email, stage_id, custom_fields)
SELECT new.id, %(workspace_id)s, new.name, new.total_value, new.prepaid, new.carrier, new.shipping_address,
       new.shipping_city, new.shipping_department, new.email, new.stage_id, new.custom_fields::jsonb
  FROM unnest(%(id)b::uuid[], %(name)b::text[], %(total_value)b::numeric[], %(prepaid)b::bool[],
              %(carrier)b::text[], %(shipping_address)b::text[], %(shipping_city)b::text[],
              %(shipping_department)b::text[], %(email)b::text[], %(stage_id)b::text[], %(custom_fields)b::text[])
       AS new (id, name, total_value, prepaid, carrier, shipping_address, shipping_city, shipping_department, email,
               stage_id, custom_fields)
 ORDER BY new.id
    ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# Orders as they are, kept so until the transaction ends.
LOCK_ORDERS = """
SELECT id, contact_id, name, total_value, prepaid, carrier, tracking_number, carrier_guide_number, shipping_address,
       shipping_city, shipping_department, email, stage_id, custom_fields
  FROM orders
 WHERE id = ANY(%(order_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
 ORDER BY id
   FOR NO KEY UPDATE
"""

# Whole rows: what was not changed is written as it was read under the lock.
UPDATE_ORDERS = """
UPDATE orders
   SET contact_id = new.contact_id, name = new.name, total_value = new.total_value, prepaid = new.prepaid,
       carrier = new.carrier, tracking_number = new.tracking_number, carrier_guide_number = new.carrier_guide_number,
       shipping_address = new.shipping_address, shipping_city = new.shipping_city,
       shipping_department = new.shipping_department, email = new.email, stage_id = new.stage_id,
       custom_fields = new.custom_fields::jsonb, updated_at = now()
  FROM unnest(%(id)b::uuid[], %(contact_id)b::uuid[], %(name)b::text[], %(total_value)b::numeric[],
              %(prepaid)b::bool[], %(carrier)b::text[], %(tracking_number)b::text[], %(carrier_guide_number)b::text[],
              %(shipping_address)b::text[], %(shipping_city)b::text[], %(shipping_department)b::text[],
              %(email)b::text[], %(stage_id)b::text[], %(custom_fields)b::text[])
       AS new (id, contact_id, name, total_value, prepaid, carrier, tracking_number, carrier_guide_number,
               shipping_address, shipping_city, shipping_department, email, stage_id, custom_fields)
 WHERE orders.id = new.id AND orders.workspace_id = %(workspace_id)s
"""

# Contacts that no workspace has yet.
INSERT_CONTACTS = """
INSERT INTO contacts (id, workspace_id, name, phone, email, identification)
SELECT new.id, %(workspace_id)s, new.name, new.phone, new.email, new.identification
  FROM unnest(%(id)b::uuid[], %(name)b::text[], %(phone)b::text[], %(email)b::text[], %(identification)b::text[])
       AS new (id, name, phone, email, identification)
 ORDER BY new.id
    ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# Contacts as they are, kept so until the transaction ends.
LOCK_CONTACTS = """
SELECT id, name, phone, email, identification
  FROM contacts
 WHERE id = ANY(%(contact_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
 ORDER BY id
   FOR NO KEY UPDATE
"""

# Whole rows: what was not changed is written as it was read under the lock.
UPDATE_CONTACTS = """
UPDATE contacts
   SET name = new.name, phone = new.phone, email = new.email, identification = new.identification,
       updated_at = now()
  FROM unnest(%(id)b::uuid[], %(name)b::text[], %(phone)b::text[], %(email)b::text[], %(identification)b::text[])
       AS new (id, name, phone, email, identification)
 WHERE contacts.id = new.id AND contacts.workspace_id = %(workspace_id)s
"""

# Events, in the order in which they are given.
INSERT_EVENTS = """
INSERT INTO outbox (workspace_id, detail_type, detail)
SELECT %(workspace_id)s, event.detail_type, event.detail::json
  FROM unnest(%(detail_types)b::text[], %(details)b::text[]) WITH ORDINALITY AS event (detail_type, detail, position)
 ORDER BY event.position
"""
