-- A page at the doors asks whether what was asked for at its visit is still open. It asks in the role of pages, like
-- every page, and learns nothing else of a proof: not whose it is, and no hash.
CREATE FUNCTION proof_open(p_proof_id uuid, p_purpose text, p_visit_id uuid, p_now timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM proof
        WHERE proof_id = p_proof_id AND purpose = p_purpose AND visit_id = p_visit_id AND used_at IS NULL
          AND expires_at > p_now)
$$;
REVOKE ALL ON FUNCTION proof_open FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proof_open TO portal_read;
