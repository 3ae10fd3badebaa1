-- What no release beside ours asks for any more.
DROP FUNCTION payment_view_json(uuid, text, timestamptz, timestamptz);
ALTER TABLE visit DROP COLUMN data;
