-- What the doors write takes the same time for everybody. A foreign key is checked for a person we know and skipped for
-- nobody, and locks the person's row: 0.08 ms at each reset and each registration, enough to tell the two apart in a
-- few hundred tries. So the two tables that doors write to promise it to a view instead. No role of the portal can
-- delete a member, and both take the person's id from that person's row.
ALTER TABLE proof DROP CONSTRAINT proof_member_id_fkey;
ALTER TABLE notice DROP CONSTRAINT notice_member_id_fkey;

CREATE VIEW invariant_known_person AS
SELECT 'proof' AS place, proof_id::text AS id FROM proof p
WHERE p.member_id IS NOT NULL AND NOT EXISTS (SELECT FROM member m WHERE m.member_id = p.member_id)
UNION ALL
SELECT 'notice', notice_id::text FROM notice n
WHERE n.member_id IS NOT NULL AND NOT EXISTS (SELECT FROM member m WHERE m.member_id = n.member_id);
