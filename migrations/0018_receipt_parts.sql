-- Every figure of a receipt opens to what makes it (L10): also what was more than the bill and is kept as credit, and what
-- is left of a bill that had been paid meanwhile, to which nothing was applied.
CREATE FUNCTION credit_transfers(p_posting bigint) RETURNS bigint[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(transfer_id ORDER BY line) FROM transfer WHERE posting_id = p_posting AND bill_id IS NULL
$$;
REVOKE ALL ON FUNCTION credit_transfers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION credit_transfers TO portal_write, portal_worker;

-- Receipts given before this.
INSERT INTO cited_figure (document_kind, document_id, figure, amount, transfers, measure)
SELECT 'receipt', r.receipt_number, f.figure, f.amount, f.transfers, f.measure
FROM receipt r
JOIN payment p USING (payment_id)
CROSS JOIN LATERAL (
    SELECT posting_id FROM payment_attempt a
    JOIN posting ON source_kind = 'attempt' AND source_id = a.attempt_id AND posting.kind = 'payment'
    WHERE a.payment_id = p.payment_id AND NOT a.surplus ORDER BY posting_id LIMIT 1
) paid
CROSS JOIN LATERAL (
    SELECT 'credited' AS figure, sum(amount) AS amount, array_agg(transfer_id ORDER BY line) AS transfers,
        'amounts' AS measure
    FROM transfer WHERE transfer.posting_id = paid.posting_id AND bill_id IS NULL
    UNION ALL
    SELECT 'owed_after', sum(CASE WHEN debit_account >= 1000 THEN amount ELSE 0 END
                           - CASE WHEN credit_account >= 1000 THEN amount ELSE 0 END),
        array_agg(transfer_id ORDER BY transfer_id), 'balance'
    FROM transfer WHERE transfer.bill_id = p.bill_id AND transfer.posting_id <= paid.posting_id
) f
WHERE f.transfers IS NOT NULL
ON CONFLICT DO NOTHING;

-- L10, and that the parts of a receipt are its amount.
CREATE OR REPLACE VIEW invariant_cited_figure AS
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
SELECT 'receipt', r.receipt_number, needed.figure, NULL, NULL
FROM receipt r CROSS JOIN (VALUES ('amount'), ('owed_after')) AS needed (figure)
WHERE NOT EXISTS (
    SELECT FROM cited_figure c
    WHERE c.document_kind = 'receipt' AND c.document_id = r.receipt_number AND c.figure = needed.figure)
UNION ALL
SELECT 'receipt', c.document_id, 'applied and credited', max(c.amount) FILTER (WHERE c.figure = 'amount'),
    sum(c.amount) FILTER (WHERE c.figure IN ('applied', 'credited'))
FROM cited_figure c
WHERE c.document_kind = 'receipt'
GROUP BY c.document_id
HAVING max(c.amount) FILTER (WHERE c.figure = 'amount')
    IS DISTINCT FROM sum(c.amount) FILTER (WHERE c.figure IN ('applied', 'credited'));
