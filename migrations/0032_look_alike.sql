-- Of payments that look alike, one that took money is named before one that has not.
CREATE OR REPLACE FUNCTION payment_view_json(p_payment uuid, p_profile text, p_now timestamptz)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'line', payment_json(p),
        'bill', bill_json(b),
        'region', region_json(b.region, p_profile, (p_now AT TIME ZONE b.time_zone)::date),
        'payer_name', concat_ws(' ', m.given_name, m.family_name),
        'called_at', a.called_at, 'changed_at', a.changed_at, 'decline', a.decline,
        'return_code', a.return_code,
        'closed_by_us', a.state = 'voided' AND a.posted_at IS NULL AND a.fenced_at IS NOT NULL
            AND a.cancel_asked_at IS NULL,
        'to_bill', coalesce((SELECT sum(t.amount) FROM transfer t JOIN posting USING (posting_id)
            WHERE source_kind = 'attempt' AND source_id = a.attempt_id AND kind = 'payment'
              AND t.bill_id IS NOT NULL), 0.00)::text,
        'to_credit', coalesce((SELECT sum(t.amount) FROM transfer t JOIN posting USING (posting_id)
            WHERE source_kind = 'attempt' AND source_id = a.attempt_id AND kind = 'payment'
              AND t.bill_id IS NULL), 0.00)::text,
        'owed_after', (SELECT amount::text FROM cited_figure
            WHERE document_kind = 'receipt' AND document_id = p.receipt_number AND figure = 'owed_after'),
        'look_alike', (SELECT payment_json(other) FROM payment_standing other JOIN payment op USING (payment_id)
            WHERE op.receivable = i.receivable AND op.amount = i.amount AND op.payment_id <> i.payment_id
              AND op.payer = i.payer AND other.received_at > p_now - interval '1 day'
              AND a.state = 'created' AND NOT i.again
              AND other.state NOT IN ('created', 'declined', 'rejected', 'absent', 'voided', 'expired')
            ORDER BY other.posted_at IS NULL, other.received_at DESC LIMIT 1)
    )
    FROM payment_standing p
    JOIN payment i USING (payment_id)
    JOIN payment_attempt a ON a.attempt_id = p.attempt_id
    JOIN bill_standing b ON b.bill_id = p.bill_id
    JOIN member m ON m.member_id = p.payer
    WHERE p.payment_id = p_payment);
END $$;
