-- One row per read or change of health or money data, in the same transaction as what it records.
CREATE TABLE access_row (
    access_row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_kind text NOT NULL,
    actor uuid,
    subject uuid,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text,
    allowed boolean NOT NULL,
    reason text NOT NULL,
    channel text NOT NULL,
    visit_id uuid
);
CREATE INDEX access_row_subject ON access_row (subject, access_row_id DESC);

-- Rows are sealed in batches, once their transaction is older than the oldest open one.
CREATE TABLE seal (
    seal_id bigint PRIMARY KEY,
    root bytea NOT NULL,
    previous bytea NOT NULL,
    sealed_at timestamptz NOT NULL
);
CREATE TABLE sealed_row (
    access_row_id bigint PRIMARY KEY REFERENCES access_row,
    seal_id bigint NOT NULL REFERENCES seal
);
CREATE INDEX sealed_row_of_seal ON sealed_row (seal_id, access_row_id);
CREATE TRIGGER access_row_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_row EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seal EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_row_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed_row EXECUTE FUNCTION refuse_change();

-- What is hashed of a row.
CREATE FUNCTION access_row_bytes(r access_row) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(jsonb_build_array(r.access_row_id, r.xid::text, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        r.actor_kind, r.actor, r.subject, r.action, r.object_kind, r.object_id, r.allowed, r.reason, r.channel, r.visit_id)::text, 'UTF8')
$$;

-- Seals whose root is not that of their rows, or that do not follow on the one before.
CREATE VIEW invariant_audit_chain AS
SELECT s.seal_id,
       CASE WHEN s.previous <> s.before THEN 'does not follow' WHEN s.seal_id <> s.number THEN 'a seal is missing'
            ELSE 'rows changed' END AS why
FROM (SELECT seal.seal_id, root, previous, row_number() OVER (ORDER BY seal.seal_id) AS number,
             lag(root, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY seal.seal_id) AS before, batch.hashes
      FROM seal LEFT JOIN (
          SELECT m.seal_id, string_agg(sha256(access_row_bytes(r)), ''::bytea ORDER BY m.access_row_id) AS hashes
          FROM sealed_row m JOIN access_row r USING (access_row_id) GROUP BY m.seal_id
      ) AS batch USING (seal_id)) AS s
WHERE s.previous <> s.before OR s.seal_id <> s.number OR s.root IS DISTINCT FROM sha256(s.previous || s.hashes);

-- The one write a page may make: who looked at what. Rides in the page's own query.
CREATE FUNCTION leave_access(
    p_actor_kind text, p_actor uuid, p_subject uuid, p_action text, p_object_kind text, p_object_id text,
    p_allowed boolean, p_reason text, p_channel text, p_visit_id uuid
) RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO access_row (actor_kind, actor, subject, action, object_kind, object_id, allowed, reason, channel, visit_id)
    VALUES (p_actor_kind, p_actor, p_subject, p_action, p_object_kind, p_object_id, p_allowed, p_reason, p_channel, p_visit_id)
    RETURNING true
$$;

-- The same from a permit (billing/src/access) as one value: `SELECT …, saw($permit, bill.bill_id IS NOT NULL)`. It must
-- stand in the select list of a row that is always there: a query in WITH that nobody reads is never run.
CREATE FUNCTION saw(p_permit jsonb, p_found boolean) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO access_row (actor_kind, actor, subject, action, object_kind, object_id, allowed, reason, channel, visit_id)
    SELECT p ->> 'actor_kind', (p ->> 'actor')::uuid, (p ->> 'subject')::uuid, p ->> 'action', p ->> 'object_kind',
        p ->> 'object_id', p_found, CASE WHEN NOT p_found AND p ->> 'reason' = 'self' THEN 'not theirs' ELSE p ->> 'reason' END, p ->> 'channel',
        (p ->> 'visit_id')::uuid
    FROM (SELECT p_permit) AS permit (p)
    RETURNING true
$$;

-- For a change: the row, where the bill or payment is the subject's (a machine has no subject of its own to match);
-- else nothing and `false`.
CREATE FUNCTION authorized(p_permit jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    object_id text := p_permit ->> 'object_id';
    subject uuid := (p_permit ->> 'subject')::uuid;
BEGIN
    IF p_permit ->> 'actor_kind' <> 'machine' AND NOT (CASE p_permit ->> 'object_kind'
        WHEN 'bill' THEN EXISTS (SELECT FROM bill WHERE bill.bill_id = object_id::uuid AND bill.member_id = subject)
        WHEN 'payment' THEN EXISTS (SELECT FROM payment WHERE payment.payment_id = object_id::uuid AND payment.payer = subject)
        ELSE true END)
    THEN
        RETURN false;
    END IF;
    RETURN saw(p_permit, true);
END $$;
