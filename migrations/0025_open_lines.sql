-- A settlement line stays open until it is matched, or until two people say what became of it. Before, a line that did
-- not fit was classed and forgotten: what came while its payment was under review never reached the bank account. Old
-- code goes on with this: it writes whole lines, and the outcomes it knows.
ALTER TABLE settlement_line
    ALTER COLUMN kind DROP NOT NULL,
    ALTER COLUMN reference DROP NOT NULL,
    ALTER COLUMN gross DROP NOT NULL,
    ALTER COLUMN fee DROP NOT NULL,
    ALTER COLUMN net DROP NOT NULL,
    ALTER COLUMN settled_on DROP NOT NULL,
    DROP CONSTRAINT settlement_line_outcome_check,
    -- `unreadable`: only its place is kept, for it may hold anything; `failed`: our own fault, tried again
    ADD CONSTRAINT settlement_line_outcome_check CHECK (outcome IN (
        'matched', 'unknown_reference', 'wrong_amount', 'wrong_state', 'repeated', 'unreadable', 'failed')),
    ADD CONSTRAINT settlement_line_read CHECK (
        outcome = 'unreadable' OR num_nulls(kind, reference, gross, fee, net, settled_on) = 0),
    -- what could not be read, or what failed: names of ours
    ADD COLUMN why text,
    -- where its attempt stood when it was last tried: once that has moved on, it is tried again
    ADD COLUMN tried_seq integer,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN closed_by text,
    ADD COLUMN closed_second text,
    ADD COLUMN closed_reason text,
    ADD CONSTRAINT settlement_line_closed CHECK (
        num_nonnulls(closed_at, closed_by, closed_second, closed_reason) IN (0, 4)
        AND (closed_at IS NULL OR lower(btrim(closed_by)) <> lower(btrim(closed_second))));
CREATE INDEX settlement_line_open ON settlement_line (file_number, line)
    WHERE closed_at IS NULL AND outcome NOT IN ('matched', 'repeated');
GRANT UPDATE (kind, reference, gross, fee, net, settled_on, return_code, why, tried_seq,
    closed_at, closed_by, closed_second, closed_reason) ON settlement_line TO portal_worker;

-- The lines that wait, each with its attempt, where it names one in the form we write.
CREATE VIEW open_line AS
SELECT l.*, a.state, a.seq
FROM settlement_line l
LEFT JOIN payment_attempt a ON a.attempt_id = CASE
    WHEN l.reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN l.reference::uuid END
WHERE l.closed_at IS NULL AND l.outcome NOT IN ('matched', 'repeated');

-- P11: what the bank says it paid or took is in our books within a day, or people said why not. What waits for people
-- over its attempt has that one's deadline (P8).
CREATE VIEW invariant_file_line AS
SELECT file_number, line, reference, outcome, state, loaded_at
FROM open_line
WHERE loaded_at < app_now() - interval '1 day' AND coalesce(state, '') NOT IN ('mismatch', 'needs_review');

-- Q3: what staff write here, too.
CREATE OR REPLACE VIEW invariant_card_digits AS
SELECT 'member' AS place, member_id::text AS id FROM member
WHERE holds_card(concat_ws(E'\n', given_name, family_name, email, phone))
UNION ALL SELECT 'bill', bill_id::text FROM bill WHERE holds_card(provider)
UNION ALL SELECT 'bill_line', bill_id || '/' || line FROM bill_line WHERE holds_card(concat_ws(E'\n', description, person))
UNION ALL SELECT 'bill_person', bill_id || '/' || line FROM bill_person WHERE holds_card(concat_ws(E'\n', given_name, family_name))
UNION ALL SELECT 'payment_event', attempt_id || '/' || seq FROM payment_event
WHERE holds_card(concat_ws(E'\n', event, actor, second, reason))
UNION ALL SELECT 'posting', posting_id::text FROM posting WHERE holds_card(concat_ws(E'\n', actor, reason))
UNION ALL SELECT 'payment_attempt', attempt_id::text FROM payment_attempt
WHERE holds_card(concat_ws(E'\n', brand, decline, return_code, token))
UNION ALL SELECT 'gateway_event', event_id FROM gateway_event WHERE holds_card(concat_ws(E'\n', kind, reference))
UNION ALL SELECT 'settlement_line', source_id::text FROM settlement_line
WHERE holds_card(concat_ws(E'\n', reference, return_code, why, closed_by, closed_second, closed_reason))
UNION ALL SELECT 'gateway_listing', gateway_seq::text FROM gateway_listing WHERE holds_card(reference)
UNION ALL SELECT 'suspense_item', suspense_item_id::text FROM suspense_item WHERE holds_card(concat_ws(E'\n', reference, outcome))
UNION ALL SELECT 'notice', notice_id::text FROM notice WHERE holds_card(concat_ws(E'\n', address, words::text))
UNION ALL SELECT 'refused_form', refused_form_id::text FROM refused_form WHERE holds_card(typed::text)
UNION ALL SELECT 'visit', visit_id::text FROM visit WHERE holds_card(data::text)
UNION ALL SELECT 'access_row', access_row_id::text FROM access_row WHERE holds_card(concat_ws(E'\n', object_id, reason));

GRANT SELECT ON open_line TO portal_worker;
GRANT SELECT ON invariant_file_line TO portal_check;
