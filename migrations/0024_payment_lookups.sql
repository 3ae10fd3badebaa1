-- What is asked for with a lock held, or every few minutes, without reading every payment there is: payments of an account
-- and amount (the look-alike check of each confirm), the gateway's list by its sequence, a settlement line by reference, and
-- what waits for people.
CREATE INDEX payment_alike ON payment (receivable, amount);
CREATE INDEX gateway_listing_sequence ON gateway_listing (gateway_seq);
CREATE INDEX settlement_line_reference ON settlement_line (reference);
CREATE INDEX attempt_in_review ON payment_attempt (changed_at) WHERE state IN ('mismatch', 'needs_review');

-- What is known of a payment, said once: its page reads it, and the mailed receipt. Of payments like it those of the last
-- day: how many minutes count is a rule row of the region, which is read here beside them (R18).
-- The function of the same name that was told so by its caller stays for processes that still run.
CREATE FUNCTION payment_view_json(p_payment uuid, p_profile text, p_now timestamptz)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'line', payment_json(p),
        'bill', bill_json(b),
        'region', region_json(b.region, p_profile, (p_now AT TIME ZONE b.time_zone)::date),
        'payer_name', concat_ws(' ', m.given_name, m.family_name),
        'called_at', a.called_at, 'changed_at', a.changed_at, 'decline', a.decline,
        'return_code', a.return_code,
        'captured_at', a.posted_at,
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
            ORDER BY other.received_at DESC LIMIT 1)
    )
    FROM payment_standing p
    JOIN payment i USING (payment_id)
    JOIN payment_attempt a ON a.attempt_id = p.attempt_id
    JOIN bill_standing b ON b.bill_id = p.bill_id
    JOIN member m ON m.member_id = p.payer
    WHERE p.payment_id = p_payment);
END $$;

-- P12, by the shortest time any region asks for
CREATE OR REPLACE VIEW invariant_look_alike AS
WITH alike AS (
    SELECT make_interval(mins => min(value::integer)) AS within
    FROM rule WHERE rule = 'look_alike_minutes' AND status = 'active' AND value ~ '^[0-9]{1,4}$'
), sent AS (
    SELECT p.payment_id, p.receivable, p.amount, p.again, p.channel, a.attempt_id, a.received_at
    FROM payment p JOIN payment_attempt a USING (payment_id)
    WHERE a.received_at IS NOT NULL
)
SELECT first.payment_id AS first, second.payment_id AS second, second.receivable, second.amount
FROM alike, sent first JOIN sent second
  ON second.receivable = first.receivable AND second.amount = first.amount AND second.payment_id <> first.payment_id
    AND (second.received_at, second.attempt_id) > (first.received_at, first.attempt_id)
WHERE second.received_at < first.received_at + alike.within
  AND NOT second.again AND second.channel = 'web'
  -- sent in the same instant, either may have been the second
  AND NOT (first.again AND first.received_at = second.received_at)
  -- the first had not ended without money when the second was sent
  AND NOT EXISTS (
    SELECT FROM payment_event e
    WHERE e.attempt_id = first.attempt_id AND e.at <= second.received_at
      AND e.to_state IN ('declined', 'rejected', 'absent', 'voided', 'expired'));
