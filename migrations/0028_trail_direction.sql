-- A transfer reads alike wherever it is shown: from where its money came to where it went, whichever account it is seen
-- from. Only the sign of its amount is the figure's own. And a payment says what undid it, so that nobody waits for a
-- settlement that will never be.
CREATE OR REPLACE FUNCTION trail_json(p_transfers bigint[], p_accounts bigint[], p_sign integer DEFAULT 1) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT coalesce(json_agg(json_build_object(
        'received_at', p.received_at, 'posted_at', p.recorded_at, 'settled_on', a.settled_on,
        'effective_on', p.effective_on, 'posting_id', p.posting_id, 'posting_kind', p.kind, 'source', p.reason,
        'undone', (SELECT json_build_array(u.kind, u.effective_on) FROM posting u
            WHERE p.kind = 'payment' AND u.reverses = p.posting_id),
        'from', CASE WHEN way.as_money THEN c.kind ELSE d.kind END,
        'to', CASE WHEN way.as_money THEN d.kind ELSE c.kind END,
        'amount', (t.amount * CASE WHEN seen.account = c.account_id THEN -p_sign ELSE p_sign END)::text,
        'link', CASE WHEN a.payment_id IS NOT NULL THEN json_build_array('payment', a.payment_id)
                     WHEN p.source_kind = 'bill' THEN json_build_array('bill', p.source_id) END
    ) ORDER BY t.transfer_id, seen.account), '[]')
    FROM unnest(p_transfers, p_accounts) AS seen (transfer_id, account)
    JOIN transfer t USING (transfer_id)
    JOIN posting p USING (posting_id)
    JOIN account d ON d.account_id = t.debit_account
    JOIN account c ON c.account_id = t.credit_account
    -- Between two places money goes from the one credited to the one debited, and a bill goes from what is earned to what
    -- is owed. What comes in pays a debt or is kept for its person: that goes from the place, which is debited; and back.
    CROSS JOIN LATERAL (SELECT
        d.kind ~ '(_in_transit|^bank|^gateway_fees|^write_off|^losses)$'
            AND c.kind ~ '(_in_transit|^bank|^gateway_fees|^write_off|^losses)$'
        OR d.kind ~ '(_revenue|^fee_income)$' OR c.kind ~ '(_revenue|^fee_income)$') AS way (as_money)
    LEFT JOIN payment_attempt a ON p.source_kind = 'attempt' AND a.attempt_id = p.source_id);
END $$;
