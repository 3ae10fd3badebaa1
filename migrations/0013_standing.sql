-- What pages read. Written once, so that every page and every form sees the same "owed" of the same bill: a view adds
-- what is under way, a function gives the row the shape its reader wants. Amounts are text, as everywhere outside.

-- The attempt that speaks for a payment: its last one.
CREATE VIEW payment_standing AS
SELECT p.payment_id, p.payer, p.channel, p.bill_id, p.amount, p.method, p.receipt_number, p.created_at,
       a.attempt_id, a.state, a.brand, a.last4, a.posted_at, a.settled_on, a.return_code, a.surplus,
       -- when the order or the mailed check reached us
       coalesce(a.received_at, p.created_at) AS received_at,
       -- received and not given or taken back: adds up in a history
       a.posted_at IS NOT NULL AND NOT EXISTS (
           SELECT FROM posting paid JOIN posting undone ON undone.reverses = paid.posting_id
           WHERE paid.source_kind = 'attempt' AND paid.source_id = a.attempt_id AND paid.kind = 'payment') AS counts,
       -- money moved, or may yet have: what was never sent, or refused at once, is no part of a history
       a.posted_at IS NOT NULL OR a.state IN ('submitting', 'requires_action', 'unknown', 'authorized',
           'capture_pending', 'mismatch', 'needs_review') AS shown
FROM payment p
CROSS JOIN LATERAL (
    SELECT * FROM payment_attempt WHERE payment_attempt.payment_id = p.payment_id ORDER BY number DESC LIMIT 1
) a;

CREATE VIEW bill_standing AS
SELECT b.*, r.time_zone,
       coalesce(pay.underway, 0.00) AS underway,
       least(coalesce(pay.provisional, 0.00), b.applied) AS provisional
FROM bill b
JOIN region r USING (region)
CROSS JOIN LATERAL (
    SELECT sum(p.amount) FILTER (WHERE a.posted_at IS NULL AND a.state IN ('submitting', 'requires_action', 'unknown',
               'authorized', 'capture_pending', 'mismatch', 'needs_review')) AS underway,
           sum(p.amount) FILTER (WHERE a.posted_at IS NOT NULL
               AND a.state IN ('processing', 'mismatch', 'needs_review')) AS provisional
    FROM payment p JOIN payment_attempt a USING (payment_id)
    WHERE p.bill_id = b.bill_id AND NOT a.surplus
) pay;

CREATE FUNCTION bill_json(b bill_standing) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', b.bill_id, 'number', b.number, 'kind', b.kind, 'region', b.region, 'billing_unit_id', b.billing_unit_id,
        'issued_on', b.issued_on, 'due_on', b.due_on,
        'period', json_build_array(lower(b.period), upper(b.period) - 1), 'provider', b.provider,
        'due', b.due::text, 'applied', b.applied::text, 'underway', b.underway::text,
        'provisional', b.provisional::text, 'version', b.version)
$$;

-- A payment as a line, beside a bill or in the history. Effective: the day it counts from, in its bill's region.
CREATE FUNCTION payment_json(p payment_standing) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'payment_id', p.payment_id, 'receipt_number', p.receipt_number, 'bill_id', p.bill_id,
        'bill_number', b.number, 'bill_kind', b.kind, 'amount', p.amount::text, 'channel', p.channel,
        'method', p.method, 'brand', p.brand, 'last4', p.last4, 'state', p.state,
        'received_at', p.received_at, 'posted_at', p.posted_at, 'settled_on', p.settled_on,
        'effective_on', coalesce(
            (SELECT effective_on FROM posting
             WHERE source_kind = 'attempt' AND source_id = p.attempt_id AND kind = 'payment'),
            (p.received_at AT TIME ZONE r.time_zone)::date))
    FROM bill b JOIN region r USING (region) WHERE b.bill_id = p.bill_id
$$;

-- What holds in a region on a day: features of a profile, contacts, settings (its own before the general ones).
CREATE FUNCTION region_json(p_region text, p_profile text, p_on date) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'region', r.region, 'zone', r.time_zone,
        'features', (SELECT coalesce(json_agg(json_build_object('feature', feature, 'state', state,
                'product', product, 'mode', mode, 'target', target, 'text_key', text_key)), '[]')
            FROM region_feature f WHERE f.region = r.region AND profile = p_profile AND status = 'active'
                AND valid @> p_on),
        'contacts', (SELECT coalesce(json_agg(json_build_object('contact', contact, 'lines', lines, 'hours', hours,
                'tty', tty)), '[]')
            FROM region_contact c WHERE c.region = r.region AND status = 'active' AND valid @> p_on),
        'settings', (SELECT coalesce(json_agg(json_build_object('rule', rule, 'region', region,
                'bill_kind', bill_kind, 'state', state, 'value', value)), '[]')
            FROM rule s WHERE coalesce(s.region, r.region) = r.region AND status = 'active' AND valid @> p_on))
    FROM region r WHERE r.region = p_region
$$;

REVOKE ALL ON FUNCTION bill_json, payment_json, region_json FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bill_json, payment_json, region_json
    TO portal_read, portal_write, portal_worker, portal_auth, portal_check;
GRANT SELECT ON payment_standing, bill_standing TO portal_read, portal_write, portal_worker, portal_check;
