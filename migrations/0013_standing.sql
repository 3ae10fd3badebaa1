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
       a.posted_at IS NOT NULL OR a.state NOT IN ('created', 'declined', 'rejected', 'absent', 'voided', 'expired') AS shown
FROM payment p
CROSS JOIN LATERAL (
    SELECT * FROM payment_attempt WHERE payment_attempt.payment_id = p.payment_id ORDER BY number DESC LIMIT 1
) a;

-- OFFSET 0 below holds the order of the joins: from the bill to its payments and on. Statistics of rows that are rarely
-- there mislead the planner into reading all attempts, or all postings, for each bill.

-- Orders that may yet bring money, and have posted nothing: nobody should pay the same again.
CREATE VIEW payment_underway AS
SELECT p.payment_id, p.bill_id, p.payer, p.amount, a.attempt_id, a.state
FROM payment p
CROSS JOIN LATERAL (
    SELECT attempt_id, state FROM payment_attempt
    WHERE payment_attempt.payment_id = p.payment_id AND NOT surplus AND posted_at IS NULL
        AND state IN ('submitting', 'requires_action', 'unknown', 'authorized', 'capture_pending', 'mismatch',
            'needs_review')
    OFFSET 0
) a;

-- Transfers to a payment's bill that are posted and not final.
CREATE VIEW transfer_provisional AS
SELECT p.bill_id, t.transfer_id, t.amount
FROM payment p
CROSS JOIN LATERAL (
    SELECT attempt_id FROM payment_attempt
    WHERE payment_attempt.payment_id = p.payment_id AND NOT surplus AND posted_at IS NOT NULL
        AND state IN ('processing', 'mismatch', 'needs_review')
    OFFSET 0
) a
CROSS JOIN LATERAL (
    SELECT posting_id FROM posting
    WHERE source_kind = 'attempt' AND source_id = a.attempt_id AND posting.kind = 'payment'
        AND NOT EXISTS (SELECT FROM posting undone WHERE undone.reverses = posting.posting_id)
    OFFSET 0
) paid
CROSS JOIN LATERAL (
    SELECT transfer_id, amount FROM transfer
    WHERE transfer.posting_id = paid.posting_id AND transfer.bill_id = p.bill_id
    OFFSET 0
) t;

CREATE VIEW bill_standing AS
SELECT b.*, r.time_zone,
       coalesce((SELECT sum(amount) FROM payment_underway u WHERE u.bill_id = b.bill_id), 0.00) AS underway,
       coalesce((SELECT sum(amount) FROM transfer_provisional t WHERE t.bill_id = b.bill_id), 0.00) AS provisional
FROM bill b
JOIN region r USING (region);

CREATE FUNCTION bill_json(b bill_standing) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', b.bill_id, 'number', b.number, 'kind', b.kind, 'region', b.region, 'billing_unit_id', b.billing_unit_id,
        'issued_on', b.issued_on, 'due_on', b.due_on,
        'period', json_build_array(lower(b.period), upper(b.period) - 1), 'provider', b.provider,
        'due', b.due::text, 'applied', b.applied::text, 'underway', b.underway::text,
        'provisional', b.provisional::text, 'version', b.version)
$$;

-- PL/pgSQL below keeps a plan for as long as its connection lives; a function in SQL would be planned for every page.

-- A payment as a line, beside a bill or in the history. Effective: the day it counts from, in its bill's region.
CREATE FUNCTION payment_json(p payment_standing) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'payment_id', p.payment_id, 'receipt_number', p.receipt_number, 'bill_id', p.bill_id,
        'bill_number', b.number, 'bill_kind', b.kind, 'amount', p.amount::text, 'channel', p.channel,
        'method', p.method, 'brand', p.brand, 'last4', p.last4, 'state', p.state,
        'received_at', p.received_at, 'posted_at', p.posted_at, 'settled_on', p.settled_on,
        'effective_on', coalesce(
            (SELECT effective_on FROM posting
             WHERE source_kind = 'attempt' AND source_id = p.attempt_id AND kind = 'payment'),
            (p.received_at AT TIME ZONE r.time_zone)::date))
    FROM bill b JOIN region r USING (region) WHERE b.bill_id = p.bill_id);
END $$;

-- What holds in a region on a day: features of a profile, contacts, settings (its own before the general ones).
CREATE FUNCTION region_json(p_region text, p_profile text, p_on date) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object(
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
    FROM region r WHERE r.region = p_region);
END $$;

-- Transfers as rows of a money trail, oldest first, each seen from one account: what comes to it adds, what goes from it
-- takes off; `p_sign` -1 turns that round. Where no account is named, the amount itself, from the account credited to
-- the one debited.
CREATE FUNCTION trail_json(p_transfers bigint[], p_accounts bigint[], p_sign integer DEFAULT 1) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(json_agg(json_build_object(
        'received_at', p.received_at, 'posted_at', p.recorded_at, 'settled_on', a.settled_on,
        'effective_on', p.effective_on, 'posting_id', p.posting_id, 'posting_kind', p.kind, 'source', p.reason,
        'from', CASE WHEN seen.account = c.account_id THEN d.kind ELSE c.kind END,
        'to', CASE WHEN seen.account = c.account_id THEN c.kind ELSE d.kind END,
        'amount', (t.amount * CASE WHEN seen.account = c.account_id THEN -p_sign ELSE p_sign END)::text,
        'link', CASE WHEN a.payment_id IS NOT NULL THEN json_build_array('payment', a.payment_id)
                     WHEN p.source_kind = 'bill' THEN json_build_array('bill', p.source_id) END
    ) ORDER BY t.transfer_id, seen.account), '[]')
    FROM unnest(p_transfers, p_accounts) AS seen (transfer_id, account)
    JOIN transfer t USING (transfer_id)
    JOIN posting p USING (posting_id)
    JOIN account d ON d.account_id = t.debit_account
    JOIN account c ON c.account_id = t.credit_account
    LEFT JOIN payment_attempt a ON p.source_kind = 'attempt' AND a.attempt_id = p.source_id);
END $$;

REVOKE ALL ON FUNCTION bill_json, payment_json, region_json, trail_json FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bill_json, payment_json, region_json, trail_json
    TO portal_read, portal_write, portal_worker, portal_auth, portal_check;
GRANT SELECT ON payment_standing, payment_underway, transfer_provisional, bill_standing
    TO portal_read, portal_write, portal_worker, portal_check;
