-- How far the chain goes, kept in its head: every row of a transaction numbered up to here is in this seal or in one
-- before it. So the next seal reads what is new and nothing else, however long the trail has become. A transaction's
-- number is given before it ends, and ends are not in order: a seal goes no further than the oldest one still open.
--
-- Nullable: a portal of the version before writes seals without it while versions change, and the head is then the last
-- seal that has it. Numbers are the cluster's: whoever loads a dump into another one moves its counter past them first
-- (pg_resetwal), or `invariant_unsealed` says so.
ALTER TABLE seal ADD COLUMN up_to xid8;

-- Nobody seals meanwhile.
SELECT pg_advisory_xact_lock(hashtext('portal seal'));
ALTER TABLE seal DISABLE TRIGGER seal_append_only;
UPDATE seal SET up_to = (least(
        coalesce((SELECT r.xid FROM access_row r
                  WHERE NOT EXISTS (SELECT FROM sealed_row s WHERE s.access_row_id = r.access_row_id)
                  ORDER BY r.xid LIMIT 1), pg_snapshot_xmin(pg_current_snapshot())),
        pg_snapshot_xmin(pg_current_snapshot()))::text::bigint - 1)::text::xid8
WHERE seal_id = (SELECT max(seal_id) FROM seal);
ALTER TABLE seal ENABLE TRIGGER seal_append_only;

-- How far the chain goes now.
CREATE FUNCTION sealed_up_to() RETURNS xid8 LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT up_to FROM seal WHERE up_to IS NOT NULL ORDER BY seal_id DESC LIMIT 1), '0')
$$;
REVOKE ALL ON FUNCTION sealed_up_to FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sealed_up_to TO portal_worker, portal_check;

-- Q2: rows no seal covers for hours, though one is made every minute. Their instant is the database's own, so the
-- deadline is too. Reads only what is newer than the head; that nothing older was left out, `invariant_audit_chain` sees.
CREATE VIEW invariant_unsealed AS
SELECT r.access_row_id::text AS item, 'not sealed' AS wrong
FROM access_row r
-- Two bounds, though the second holds of all that has ended: with one, the planner would expect a third of the table.
WHERE r.xid > (SELECT sealed_up_to()) AND r.xid < pg_snapshot_xmax(pg_current_snapshot())
  AND r.at < now() - interval '3 hours'
  AND NOT EXISTS (SELECT FROM sealed_row s WHERE s.access_row_id = r.access_row_id OFFSET 0)
UNION ALL
SELECT NULL, 'the numbers of transactions went back: no new row will be sealed'
WHERE sealed_up_to() >= pg_snapshot_xmin(pg_current_snapshot());

-- As before, and rows the chain says it covers, and does not.
CREATE OR REPLACE VIEW invariant_audit_chain AS
SELECT s.seal_id,
       CASE WHEN s.previous <> s.before THEN 'does not follow' WHEN s.seal_id <> s.number THEN 'a seal is missing'
            ELSE 'rows changed' END AS why
FROM (SELECT seal.seal_id, root, previous, row_number() OVER (ORDER BY seal.seal_id) AS number,
             lag(root, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY seal.seal_id) AS before, batch.hashes
      FROM seal LEFT JOIN (
          SELECT m.seal_id, string_agg(sha256(access_row_bytes(r)), ''::bytea ORDER BY m.access_row_id) AS hashes
          FROM sealed_row m JOIN access_row r USING (access_row_id) GROUP BY m.seal_id
      ) AS batch USING (seal_id)) AS s
WHERE s.previous <> s.before OR s.seal_id <> s.number OR s.root IS DISTINCT FROM sha256(s.previous || s.hashes)
UNION ALL
SELECT (SELECT min(seal.seal_id) FROM seal WHERE seal.up_to >= r.xid), 'a row is left out'
FROM access_row r
WHERE r.xid <= (SELECT sealed_up_to())
  AND NOT EXISTS (SELECT FROM sealed_row m WHERE m.access_row_id = r.access_row_id);
