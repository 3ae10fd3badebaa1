-- Tier S of the speed design: members with thirteen months of premium bills, twelve of them paid by mail. All values are
-- derived from the member's number, keys run in the order of time. Every promise of the books holds on these rows.
BEGIN;
SET LOCAL timezone = 'UTC';
SET LOCAL synchronous_commit = off;
-- Every row below takes its foreign keys from the rows they point to; asked one by one they would be half of the time.
SET LOCAL session_replication_role = replica;

CREATE FUNCTION pg_temp.key(what text, at timestamptz, n bigint) RETURNS uuid LANGUAGE sql AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint + n), 12, '0') || '7' || substr(h, 1, 3) || '8'
        || substr(h, 4, 15))::uuid
    FROM md5(what || ':' || n || ':' || extract(epoch FROM at)::bigint) AS h
$$;

CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT n, pg_temp.key('member', '2025-12-01', n) AS member_id, (100000000 + n)::text AS unit,
       (ARRAY['NCA', 'SCA', 'CO', 'GA', 'HI', 'MAS', 'OR_SWWA', 'WA'])[1 + n % 8] AS region,
       (30000 + ('x' || substr(md5('due:' || n), 1, 6))::bit(24)::integer % 30000)::numeric / 100 AS due
FROM generate_series(1, :members) AS n;

CREATE TEMP TABLE month ON COMMIT DROP AS
SELECT m, month::date AS month, month - interval '22 days' AS issued_at, month - interval '3 days' AS paid_at, m < 12 AS paid
FROM generate_series(0, 12) AS m, LATERAL (SELECT '2026-01-01'::timestamptz + m * interval '1 month') AS at (month);

INSERT INTO member (member_id, mrn, given_name, family_name, birth_on, region, email, created_at)
SELECT member_id, (10000000 + n)::text, 'Member', 'Number ' || n, '1980-02-29', region, 'm' || n || '@example.test',
       '2025-12-01'
FROM person ORDER BY n;

INSERT INTO billing_unit (billing_unit_id, subscriber, region, product)
SELECT unit, member_id, region, 'individual' FROM person ORDER BY n;

INSERT INTO account (kind, owner, billing_unit_id, balance, version)
SELECT 'premium', member_id, unit, due, 25 FROM person ORDER BY n;

CREATE TEMP TABLE member_month ON COMMIT DROP AS
SELECT p.*, m.*, a.account_id, pg_temp.key('bill', issued_at, n) AS bill_id, pg_temp.key('payment', paid_at, n) AS payment_id,
       pg_temp.key('attempt', paid_at, n) AS attempt_id
FROM month m CROSS JOIN person p JOIN account a ON a.owner = p.member_id;

INSERT INTO bill (bill_id, number, kind, member_id, billing_unit_id, region, receivable, issued_on, due_on, period, due,
    applied, version, source_set, source_id, created_at)
SELECT bill_id, number, 'premium', member_id, unit, region, account_id, issued_at::date, month,
       daterange(month, (month + interval '1 month')::date), due, CASE WHEN paid THEN due ELSE 0 END,
       CASE WHEN paid THEN 2 ELSE 1 END, 'seed', number, issued_at
FROM member_month, LATERAL (SELECT 'S-' || to_char(month, 'YYYYMM') || '-' || n) AS named (number)
ORDER BY m, n;

INSERT INTO bill_line (bill_id, line, kind, description, owed, source)
SELECT bill_id, 1, 'premium', 'Monthly premium', due, 'rate sheet ' || to_char(month, 'YYYY') || ' ' || region
FROM member_month ORDER BY m, n;

INSERT INTO payment (payment_id, payer, channel, bill_id, bill_version, receivable, amount, method, fingerprint, created_at)
SELECT payment_id, member_id, 'mail', bill_id, 1, account_id, due, 'check', '\x73656564', paid_at
FROM member_month WHERE paid ORDER BY m, n;

INSERT INTO payment_attempt (attempt_id, payment_id, number, state, received_at, posted_at, settled_on, changed_at)
SELECT attempt_id, payment_id, 1, 'settled', paid_at, paid_at, paid_at::date, paid_at
FROM member_month WHERE paid ORDER BY m, n;

-- Of the past only how it ended: a state must be where its events lead.
INSERT INTO payment_event (attempt_id, seq, from_state, to_state, event, evidence, actor, at)
SELECT attempt_id, 1, NULL, 'settled', 'opening', 'bank', 'seed', paid_at FROM member_month WHERE paid ORDER BY m, n;

INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, recorded_at, actor, reason)
SELECT 'charge', 'bill', bill_id, issued_at::date, issued_at, issued_at, 'seed', 'bill issued'
FROM member_month ORDER BY m, n;
INSERT INTO posting (kind, source_kind, source_id, effective_on, received_at, recorded_at, actor, reason)
SELECT 'payment', 'attempt', attempt_id, paid_at::date, paid_at, paid_at, 'seed', 'payment'
FROM member_month WHERE paid ORDER BY m, n;

-- Receivable from revenue; bank from receivable: the money of the past has arrived.
INSERT INTO transfer (posting_id, line, debit_account, credit_account, amount, bill_id)
SELECT posting_id, 1, account_id, 5, due, bill_id
FROM member_month JOIN posting ON source_kind = 'bill' AND source_id = bill_id ORDER BY m, n;
INSERT INTO transfer (posting_id, line, debit_account, credit_account, amount, bill_id)
SELECT posting_id, 1, 3, account_id, due, bill_id
FROM member_month JOIN posting ON source_kind = 'attempt' AND source_id = attempt_id ORDER BY m, n;
COMMIT;
