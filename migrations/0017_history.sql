-- What a history of payments holds where the plan does not publish all of it (domain reference, S43 to S46). Medical and
-- pharmacy payments are always there. Premium payments are what two feature rows say of the bill's region:
--   history_view   on: they are shown; else none of them, and the row says whom to call
--   history_range  on: all of them; else the settings below, and the row says whom to call for the rest
INSERT INTO rule (rule, bill_kind, value, valid, status, source) VALUES
    ('history_months', 'premium', '13', '(,)', 'active', 'S43'),
    ('history_channels', 'premium', 'web autopay guest phone rep', '(,)', 'active',
        'S44: online, by phone and with a representative; not by mail, in person is not stated');

-- The regions this person's premium payments belong to, and what their history holds there now. No date, or no channels,
-- is no limit. Who has no premium is told what holds at home.
CREATE FUNCTION history_premium(p_payer uuid, p_profile text, p_now timestamptz)
RETURNS TABLE (region text, time_zone text, today date, open boolean, since date, channels text[])
LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH premium AS MATERIALIZED (
        SELECT region FROM billing_unit WHERE subscriber = p_payer
        UNION
        SELECT b.region FROM payment p JOIN bill b USING (bill_id) WHERE p.payer = p_payer AND b.kind = 'premium'
    ), here AS (
        SELECT region FROM premium
        UNION ALL
        SELECT m.region FROM member m WHERE m.member_id = p_payer AND NOT EXISTS (SELECT FROM premium)
    )
    SELECT r.region, r.time_zone, day.today, view.mode IS NOT DISTINCT FROM 'on',
        CASE WHEN range.mode IS DISTINCT FROM 'on' THEN
            (day.today - make_interval(months => months.value::integer))::date END,
        CASE WHEN range.mode IS DISTINCT FROM 'on' THEN string_to_array(channels.value, ' ') END
    FROM here JOIN region r USING (region)
    CROSS JOIN LATERAL (SELECT (p_now AT TIME ZONE r.time_zone)::date AS today) day
    LEFT JOIN LATERAL (
        SELECT mode FROM region_feature f WHERE f.region = r.region AND feature = 'history_view' AND profile = p_profile
            AND status = 'active' AND valid @> day.today AND state IS NULL AND product IS NULL
    ) view ON true
    LEFT JOIN LATERAL (
        SELECT mode FROM region_feature f WHERE f.region = r.region AND feature = 'history_range' AND profile = p_profile
            AND status = 'active' AND valid @> day.today AND state IS NULL AND product IS NULL
    ) range ON true
    LEFT JOIN LATERAL (
        SELECT value FROM rule s WHERE rule = 'history_months' AND coalesce(s.region, r.region) = r.region
            AND coalesce(bill_kind, 'premium') = 'premium' AND status = 'active' AND valid @> day.today AND state IS NULL
        ORDER BY bill_kind IS NULL, s.region IS NULL LIMIT 1
    ) months ON true
    LEFT JOIN LATERAL (
        SELECT value FROM rule s WHERE rule = 'history_channels' AND coalesce(s.region, r.region) = r.region
            AND coalesce(bill_kind, 'premium') = 'premium' AND status = 'active' AND valid @> day.today AND state IS NULL
        ORDER BY bill_kind IS NULL, s.region IS NULL LIMIT 1
    ) channels ON true;
END $$;

-- A person's payments that a history shows, for its page, its file, and the trail of its total.
CREATE FUNCTION payment_history(p_payer uuid, p_profile text, p_now timestamptz)
RETURNS TABLE (payment payment_standing, bill_kind text) LANGUAGE sql STABLE AS $$
    SELECT p, b.kind
    FROM payment_standing p JOIN bill b USING (bill_id)
    LEFT JOIN history_premium(p_payer, p_profile, p_now) h ON b.kind = 'premium' AND h.region = b.region
    WHERE p.payer = p_payer AND p.shown
      AND (b.kind <> 'premium' OR h.open
          AND (h.since IS NULL OR (p.received_at AT TIME ZONE h.time_zone)::date >= h.since)
          AND (h.channels IS NULL OR p.channel = ANY (h.channels)))
$$;

REVOKE ALL ON FUNCTION history_premium, payment_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION history_premium, payment_history TO portal_read, portal_write, portal_worker, portal_check;
