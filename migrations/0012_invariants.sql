-- Rights on what payments added, and the promises of the books as views (money design, sections 1 and 2). Each view is
-- empty in any snapshot, also under load; one that holds only when all is done carries its deadline in the WHERE. Its
-- rows say what is wrong, by ids only.
REVOKE ALL ON FUNCTION posting_transfers, bill_transfers, lock_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting_transfers, bill_transfers, lock_account TO portal_write, portal_worker;
GRANT INSERT ON settlement_file TO portal_worker;
GRANT UPDATE (outcome) ON settlement_line TO portal_worker;
CREATE INDEX access_row_xid ON access_row (xid);

-- The plan's clock where one is set, so that deadlines can be tried out; else the database's.
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now())
$$;

-- L1
CREATE VIEW invariant_posting_shape AS
SELECT p.posting_id, 'its lines are not 1 to n' AS wrong
FROM posting p LEFT JOIN transfer t USING (posting_id)
GROUP BY p.posting_id
HAVING count(t.transfer_id) = 0 OR min(t.line) <> 1 OR max(t.line) <> count(t.transfer_id)
UNION ALL
SELECT p.posting_id, 'it does not mirror what it reverses'
FROM posting p
WHERE p.reverses IS NOT NULL AND EXISTS (
    SELECT
    FROM (SELECT * FROM transfer WHERE posting_id = p.posting_id) back
    FULL JOIN (SELECT * FROM transfer WHERE posting_id = p.reverses) forth USING (line)
    WHERE (back.debit_account, back.credit_account, back.amount, back.bill_id)
        IS DISTINCT FROM (forth.credit_account, forth.debit_account, forth.amount, forth.bill_id));

-- L2
CREATE VIEW invariant_trial_balance AS
SELECT persons.stored, plan.net
FROM (SELECT coalesce(sum(balance), 0) AS stored FROM account WHERE owner IS NOT NULL) persons,
     (SELECT coalesce(sum(amount) FILTER (WHERE debit_account < 1000), 0)
           - coalesce(sum(amount) FILTER (WHERE credit_account < 1000), 0) AS net FROM transfer) plan
WHERE persons.stored + plan.net <> 0;

-- L3
CREATE VIEW invariant_account_balance AS
SELECT a.account_id, a.balance, a.version, moved.balance AS moved_balance, moved.transfers
FROM account a
LEFT JOIN (
    SELECT account_id, sum(amount) AS balance, count(*) AS transfers
    FROM (
        SELECT debit_account AS account_id, amount FROM transfer
        UNION ALL
        SELECT credit_account, -amount FROM transfer
    ) side GROUP BY account_id
) moved USING (account_id)
WHERE a.owner IS NOT NULL
  AND (a.balance, a.version) IS DISTINCT FROM (coalesce(moved.balance, 0), coalesce(moved.transfers, 0));

-- L4
CREATE VIEW invariant_append_only AS
WITH kept (name) AS (
    VALUES ('posting'), ('transfer'), ('payment_event'), ('access_row'), ('seal'), ('sealed_row'), ('receipt'),
        ('cited_figure')
)
SELECT kept.name, role.rolname::text AS role, act.act AS wrong
FROM (SELECT name FROM kept UNION ALL VALUES ('account')) kept,
     unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS act (act),
     pg_roles role
WHERE role.rolname IN ('portal_read', 'portal_write', 'portal_worker', 'portal_auth', 'portal_check')
  AND (has_table_privilege(role.oid, ('public.' || kept.name)::regclass, act)
    OR (act = 'UPDATE' AND has_any_column_privilege(role.oid, ('public.' || kept.name)::regclass, act)))
UNION ALL
SELECT kept.name, NULL, 'nothing refuses a change'
FROM kept
WHERE NOT EXISTS (
    SELECT FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
    WHERE t.tgrelid = ('public.' || kept.name)::regclass AND f.proname = 'refuse_change'
      -- before the statement: 2; on delete, update and truncate: 8, 16, 32
      AND t.tgenabled IN ('O', 'A') AND t.tgtype & 58 = 58);

-- The postings of payments that stand: not reversed.
CREATE VIEW payment_posted AS
SELECT p.posting_id, p.source_id AS attempt_id, p.kind, p.effective_on
FROM posting p
WHERE p.source_kind = 'attempt' AND p.kind = 'payment'
  AND NOT EXISTS (SELECT FROM posting back WHERE back.reverses = p.posting_id);

-- L5
CREATE VIEW invariant_posted_once AS
SELECT a.attempt_id AS source_id, 'money taken and not in the ledger: ' || a.state AS wrong
FROM payment_attempt a
WHERE a.state IN ('captured', 'processing', 'settled', 'disputed', 'dispute_won')
  AND NOT EXISTS (SELECT FROM payment_posted p WHERE p.attempt_id = a.attempt_id)
UNION ALL
SELECT a.attempt_id, 'in the ledger and not taken: ' || a.state
FROM payment_attempt a JOIN payment_posted p USING (attempt_id)
WHERE a.state NOT IN ('captured', 'processing', 'settled', 'disputed', 'dispute_won', 'dispute_lost', 'mismatch', 'needs_review')
UNION ALL
SELECT p.source_id, 'a posting without its attempt: ' || p.kind
FROM posting p
WHERE p.source_kind = 'attempt' AND NOT EXISTS (SELECT FROM payment_attempt a WHERE a.attempt_id = p.source_id)
UNION ALL
SELECT b.bill_id, 'a bill that is not charged as it says'
FROM bill b
WHERE b.due <> coalesce((
    SELECT sum(t.amount) FROM posting p JOIN transfer t USING (posting_id)
    WHERE p.source_kind = 'bill' AND p.kind = 'charge' AND p.source_id = b.bill_id
      AND t.debit_account = b.receivable AND t.bill_id = b.bill_id), 0)
UNION ALL
SELECT p.source_id, 'a charge without its bill'
FROM posting p
WHERE p.source_kind = 'bill' AND NOT EXISTS (SELECT FROM bill b WHERE b.bill_id = p.source_id)
UNION ALL
SELECT l.source_id, 'a settlement line that is not posted'
FROM settlement_line l
WHERE l.outcome = 'matched' AND l.kind = 'charge' AND NOT EXISTS (
    SELECT FROM posting p WHERE p.source_kind = 'attempt' AND p.source_id::text = l.reference AND p.kind = 'settle')
UNION ALL
SELECT p.source_id, 'a posting without its settlement line'
FROM posting p
WHERE p.source_kind = 'settlement_line'
  AND NOT EXISTS (SELECT FROM settlement_line l WHERE l.source_id = p.source_id AND l.outcome = 'matched');

-- L7: what a payment took stands on its bill, in its payer's credit or in suspense, to the cent.
CREATE VIEW invariant_allocation AS
SELECT p.payment_id, a.attempt_id, p.amount, coalesce(sum(t.amount), 0) AS allocated
FROM payment p
JOIN payment_attempt a USING (payment_id)
JOIN posting ON posting.source_kind = 'attempt' AND posting.source_id = a.attempt_id AND posting.kind = 'payment'
LEFT JOIN transfer t ON t.posting_id = posting.posting_id
    AND ((t.bill_id = p.bill_id AND t.credit_account = p.receivable)
        OR t.credit_account = 4
        OR (t.bill_id IS NULL AND t.credit_account IN (
            SELECT account_id FROM account
            WHERE owner = p.payer AND kind ~ '_(credit|unapplied)$')))
GROUP BY p.payment_id, a.attempt_id, p.amount
HAVING coalesce(sum(t.amount), 0) <> p.amount;

-- L8
CREATE VIEW invariant_bill_applied AS
SELECT b.bill_id, b.due, b.applied, coalesce(paid.amount, 0) AS paid
FROM bill b
LEFT JOIN (
    SELECT t.bill_id, sum(CASE WHEN t.credit_account = b.receivable THEN t.amount ELSE -t.amount END) AS amount
    FROM transfer t JOIN posting p USING (posting_id) JOIN bill b USING (bill_id)
    WHERE p.kind <> 'charge'
    GROUP BY t.bill_id
) paid USING (bill_id)
WHERE b.applied > b.due OR b.applied <> coalesce(paid.amount, 0);

-- L9
CREATE VIEW invariant_suspense AS
SELECT suspense_item_id::text AS item, 'past its deadline' AS wrong
FROM suspense_item
WHERE closed_at IS NULL AND deadline_on < app_now()::date
UNION ALL
SELECT NULL, 'the account holds ' || held || ', its items ' || open
FROM (SELECT coalesce(sum(amount) FILTER (WHERE credit_account = 4), 0)
           - coalesce(sum(amount) FILTER (WHERE debit_account = 4), 0) AS held
      FROM transfer WHERE 4 IN (debit_account, credit_account)) account,
     (SELECT coalesce(sum(amount), 0) AS open FROM suspense_item WHERE closed_at IS NULL) items
WHERE held <> open;

-- L10
CREATE VIEW invariant_cited_figure AS
SELECT c.document_kind, c.document_id, c.figure, c.amount, made.amount AS made
FROM cited_figure c
CROSS JOIN LATERAL (
    SELECT CASE c.measure
        WHEN 'amounts' THEN sum(t.amount)
        ELSE sum(CASE WHEN t.debit_account >= 1000 THEN t.amount ELSE 0 END
               - CASE WHEN t.credit_account >= 1000 THEN t.amount ELSE 0 END) END AS amount,
        count(*) AS transfers
    FROM transfer t WHERE t.transfer_id = ANY (c.transfers)
) made
WHERE c.transfers IS NOT NULL
  AND (made.amount IS DISTINCT FROM c.amount OR made.transfers <> cardinality(c.transfers))
UNION ALL
SELECT c.document_kind, c.document_id, c.figure, c.amount, made.amount
FROM cited_figure c
CROSS JOIN LATERAL (
    SELECT sum(amount) AS amount, count(*) AS transfers FROM (
        SELECT CASE WHEN t.debit_account = c.account_id THEN t.amount ELSE -t.amount END AS amount
        FROM transfer t WHERE c.account_id IN (t.debit_account, t.credit_account)
        ORDER BY t.transfer_id LIMIT c.account_version
    ) moved
) made
WHERE c.account_id IS NOT NULL
  AND (coalesce(made.amount, 0) <> c.amount OR made.transfers <> c.account_version)
UNION ALL
SELECT c.document_kind, c.document_id, c.figure, c.amount, NULL
FROM cited_figure c
WHERE c.source IS NOT NULL AND btrim(c.source) = ''
UNION ALL
SELECT 'receipt', r.receipt_number, 'amount', NULL, NULL
FROM receipt r
WHERE NOT EXISTS (
    SELECT FROM cited_figure c
    WHERE c.document_kind = 'receipt' AND c.document_id = r.receipt_number AND c.figure = 'amount');

-- P1
CREATE VIEW invariant_one_live_attempt AS
SELECT payment_id, count(*) AS living
FROM payment_attempt
WHERE NOT surplus AND state NOT IN ('declined', 'rejected', 'absent', 'voided', 'expired', 'returned', 'dispute_lost')
GROUP BY payment_id HAVING count(*) > 1;

-- P2: an order made at a browser still says what its key said first; its attempts are 1 to n.
CREATE VIEW invariant_idempotency AS
SELECT p.payment_id, 'its contents are not those of its key' AS wrong
FROM payment p
WHERE p.channel = 'web'
  AND p.fingerprint <> sha256(convert_to(
    p.bill_id || '|' || p.bill_version || '|' || p.amount || '|' || p.method, 'UTF8'))
UNION ALL
SELECT p.payment_id, 'its attempts are not 1 to n'
FROM payment p LEFT JOIN payment_attempt a USING (payment_id)
GROUP BY p.payment_id
HAVING count(a.attempt_id) = 0 OR min(a.number) <> 1 OR max(a.number) <> count(*);

-- P3: the gateway's list, fetched after our last move, says what we say. What is still moving has its own deadline.
CREATE VIEW invariant_gateway_match AS
WITH ours AS (
    SELECT a.attempt_id::text AS reference, a.state, p.amount, a.changed_at
    FROM payment_attempt a JOIN payment p USING (payment_id) WHERE p.channel = 'web'
), fetched AS (SELECT max(listed_at) AS at FROM gateway_listing)
SELECT g.reference, ours.state, g.state AS gateway_state, ours.amount, g.amount AS gateway_amount
FROM gateway_listing g LEFT JOIN ours USING (reference)
WHERE g.state IN ('captured', 'processing', 'settled')
  AND CASE
    WHEN ours.reference IS NULL THEN g.listed_at < app_now() - interval '10 minutes'
    WHEN g.listed_at < ours.changed_at OR ours.state IN ('mismatch', 'needs_review') THEN false
    ELSE ours.state IN ('declined', 'rejected', 'absent', 'voided', 'expired')
        OR (ours.state IN ('captured', 'processing', 'settled') AND (g.amount <> ours.amount OR g.currency <> 'USD'))
    END
UNION ALL
SELECT ours.reference, ours.state, g.state, ours.amount, g.amount
FROM ours CROSS JOIN fetched LEFT JOIN gateway_listing g USING (reference)
WHERE ours.state IN ('captured', 'processing', 'settled')
  AND CASE
    WHEN g.reference IS NULL THEN fetched.at > ours.changed_at + interval '1 minute'
    -- the janitor looks once a day
    ELSE g.state NOT IN ('captured', 'processing', 'settled') AND g.listed_at >= ours.changed_at
        AND g.listed_at < app_now() - interval '2 days'
    END;

-- P4
CREATE VIEW invariant_event_chain AS
SELECT a.attempt_id, 'it is not where its events lead' AS wrong
FROM payment_attempt a
LEFT JOIN payment_event e ON e.attempt_id = a.attempt_id AND e.seq = a.seq
WHERE e.to_state IS DISTINCT FROM a.state
UNION ALL
SELECT attempt_id, 'its events are not one chain'
FROM (
    SELECT attempt_id, seq, from_state,
           lag(to_state) OVER chain AS previous, row_number() OVER chain AS number
    FROM payment_event WINDOW chain AS (PARTITION BY attempt_id ORDER BY seq)
) e
WHERE seq <> number OR from_state IS DISTINCT FROM previous
UNION ALL
SELECT e.attempt_id, 'an event after its last'
FROM payment_event e JOIN payment_attempt a USING (attempt_id) WHERE e.seq > a.seq
UNION ALL
SELECT e.attempt_id, 'no such move: ' || e.from_state || ' to ' || e.to_state
FROM payment_event e
WHERE e.from_state IS NOT NULL
  AND NOT EXISTS (SELECT FROM payment_edge d WHERE d.from_state = e.from_state AND d.to_state = e.to_state);

-- P5
CREATE VIEW invariant_unknown_evidence AS
SELECT attempt_id, seq, to_state, evidence
FROM payment_event WHERE from_state = 'unknown' AND evidence NOT IN ('query', 'bank', 'two');

-- P7: a receipt is of money in the ledger, and its payer was told once, where they can be reached.
CREATE VIEW invariant_outbox AS
SELECT r.receipt_number AS item, 'a receipt without its posting' AS wrong
FROM receipt r
WHERE NOT EXISTS (
    SELECT FROM payment_attempt a JOIN posting p ON p.source_kind = 'attempt' AND p.source_id = a.attempt_id
    WHERE a.payment_id = r.payment_id AND p.kind = 'payment')
UNION ALL
SELECT p.receipt_number, 'a receipt number without its receipt'
FROM payment p
WHERE p.receipt_number IS NOT NULL
  AND NOT EXISTS (SELECT FROM receipt r WHERE r.receipt_number = p.receipt_number AND r.payment_id = p.payment_id)
UNION ALL
SELECT r.receipt_number, 'a receipt nobody was told of'
FROM receipt r JOIN payment p USING (payment_id) JOIN member m ON m.member_id = p.payer
WHERE p.channel = 'web' AND m.email IS NOT NULL AND m.created_at <= r.issued_at
  AND NOT EXISTS (SELECT FROM notice n JOIN payment_attempt a ON n.key = 'receipt:' || a.attempt_id
                  WHERE a.payment_id = p.payment_id)
UNION ALL
SELECT notice_id::text, 'neither sent nor given up'
FROM notice
WHERE sent_at IS NULL AND failed_at IS NULL AND created_at < app_now() - interval '3 days';

-- P8
CREATE VIEW invariant_overdue AS
SELECT attempt_id, state, deadline_at, next_check_at
FROM payment_attempt
WHERE state NOT IN ('settled', 'dispute_won', 'declined', 'rejected', 'absent', 'voided', 'expired', 'returned', 'dispute_lost')
  AND (deadline_at IS NULL
    OR deadline_at < app_now() - interval '1 hour'
    OR (next_check_at IS NULL AND state NOT IN ('needs_review', 'disputed'))
    OR next_check_at < app_now() - interval '1 day');

-- P9
CREATE VIEW invariant_inbox AS
SELECT gateway, event_id, reference, received_at
FROM gateway_event WHERE worked_at IS NULL AND received_at < app_now() - interval '1 day';

-- P12
CREATE VIEW invariant_look_alike AS
WITH sent AS (
    SELECT p.payment_id, p.receivable, p.amount, p.again, p.channel, a.attempt_id, a.received_at
    FROM payment p JOIN payment_attempt a USING (payment_id)
    WHERE a.received_at IS NOT NULL
)
SELECT first.payment_id AS first, second.payment_id AS second, second.receivable, second.amount
FROM sent first JOIN sent second
  ON second.receivable = first.receivable AND second.amount = first.amount AND second.payment_id <> first.payment_id
    AND (second.received_at, second.attempt_id) > (first.received_at, first.attempt_id)
    AND second.received_at < first.received_at + interval '10 minutes'
WHERE NOT second.again AND second.channel = 'web'
  -- sent in the same instant, either may have been the second
  AND NOT (first.again AND first.received_at = second.received_at)
  -- the first had not ended without money when the second was sent
  AND NOT EXISTS (
    SELECT FROM payment_event e
    WHERE e.attempt_id = first.attempt_id AND e.at <= second.received_at
      AND e.to_state IN ('declined', 'rejected', 'absent', 'voided', 'expired'));

-- Q2: each move has its access row. That the rows are not changed afterwards: `invariant_audit_chain`.
CREATE VIEW invariant_access_row AS
SELECT e.attempt_id, e.seq, 'a move without its access row' AS wrong
FROM payment_event e
WHERE (e.actor LIKE 'member:%' OR e.actor LIKE 'job:%' OR e.actor LIKE 'staff:%')
  AND NOT EXISTS (SELECT FROM access_row r WHERE r.xid = e.xid);

-- Whether a text holds what could be a card number: 13 to 19 digits that pass the Luhn test. Our own ids are no cards.
CREATE FUNCTION holds_card(p_text text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (
        SELECT
        FROM regexp_matches(
                regexp_replace(p_text, '[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}', '', 'g'),
                '(?<![0-9a-zA-Z])[0-9](?:[ -]?[0-9]){12,18}(?![0-9a-zA-Z])', 'g') AS run (found),
             LATERAL (SELECT regexp_replace(found[1], '[ -]', '', 'g')) AS digits (number)
        WHERE (
            SELECT sum(CASE WHEN (length(number) - place) % 2 = 0 THEN digit
                            WHEN digit < 5 THEN digit * 2 ELSE digit * 2 - 9 END)
            FROM generate_series(1, length(number)) AS place, LATERAL (SELECT substr(number, place, 1)::int) AS one (digit)
        ) % 10 = 0)
$$;

-- Q3
CREATE VIEW invariant_card_digits AS
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
UNION ALL SELECT 'settlement_line', source_id::text FROM settlement_line WHERE holds_card(reference)
UNION ALL SELECT 'suspense_item', suspense_item_id::text FROM suspense_item WHERE holds_card(concat_ws(E'\n', reference, outcome))
UNION ALL SELECT 'notice', notice_id::text FROM notice WHERE holds_card(concat_ws(E'\n', address, words::text))
UNION ALL SELECT 'refused_form', refused_form_id::text FROM refused_form WHERE holds_card(typed::text)
UNION ALL SELECT 'visit', visit_id::text FROM visit WHERE holds_card(data::text)
UNION ALL SELECT 'access_row', access_row_id::text FROM access_row WHERE holds_card(concat_ws(E'\n', object_id, reason));

-- Q4: who decides is not who agrees; who wrote a row is not who approved it.
CREATE VIEW invariant_separation AS
SELECT attempt_id || '/' || seq AS item, 'one person twice' AS wrong
FROM payment_event
WHERE evidence = 'two' AND (second IS NULL OR lower(btrim(second)) = lower(btrim(actor)) OR reason IS NULL)
UNION ALL
SELECT 'region_feature ' || region_feature_id, 'approved by its owner'
FROM region_feature WHERE approved_by = owner;

REVOKE ALL ON FUNCTION app_now, holds_card FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app_now, holds_card TO portal_read, portal_write, portal_worker, portal_auth, portal_check;
