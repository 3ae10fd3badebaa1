-- How people prove who they are. Only the role portal_auth sees hashes.
CREATE TABLE credential (
    member_id uuid PRIMARY KEY REFERENCES member,
    email text NOT NULL,
    password_hash text NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX credential_email ON credential (lower(email));

-- Who sits at a browser. The row that counts: read on each request, so that sign-out and disabling bind at once.
-- The cookie holds a random id, this table its hash. Writes are `WHERE revoked_at IS NULL`, never an upsert.
CREATE TABLE visit (
    id_hash bytea PRIMARY KEY,
    visit_id uuid NOT NULL UNIQUE,
    member_id uuid REFERENCES member,
    language text CHECK (language IN ('en', 'es')),
    created_at timestamptz NOT NULL,
    signed_in_at timestamptz,
    seen_at timestamptz NOT NULL,
    idle_end timestamptz NOT NULL,
    absolute_end timestamptz NOT NULL,
    factor_at timestamptz,
    revoked_at timestamptz,
    data jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 85);
CREATE INDEX visit_of_member ON visit (member_id) WHERE revoked_at IS NULL;

-- The second of the two writes a page may make: the visit was used now. At most every 15 seconds, never of a visit that
-- is over, and never an insert: what was signed out stays so. The new idle end, or NULL where nothing was touched.
CREATE FUNCTION visit_seen(p_id_hash bytea, p_now timestamptz, p_idle_end timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE visit SET seen_at = p_now, idle_end = least(p_idle_end, absolute_end)
     WHERE id_hash = p_id_hash AND revoked_at IS NULL AND idle_end > p_now AND absolute_end > p_now
       AND seen_at <= p_now - interval '15 seconds'
    RETURNING idle_end
$$;

-- A person's choice of language holds at all their open visits.
CREATE FUNCTION visits_speak(p_member_id uuid, p_language text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE visit SET language = p_language WHERE member_id = p_member_id AND revoked_at IS NULL
$$;

-- A disabled person is signed out for good: enabling them again opens no old visit.
CREATE FUNCTION end_visits_of_disabled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE visit SET revoked_at = NEW.disabled_at WHERE member_id = NEW.member_id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER member_disabled AFTER UPDATE OF disabled_at ON member FOR EACH ROW
    WHEN (NEW.disabled_at IS NOT NULL AND OLD.disabled_at IS NULL) EXECUTE FUNCTION end_visits_of_disabled();

-- A form that was not taken: what was typed and why it was refused, for ten minutes, good for this visit alone.
CREATE TABLE refused_form (
    refused_form_id uuid PRIMARY KEY,
    visit_id uuid NOT NULL,
    -- a form that came after the visit had ended: shown only once this person has signed in again
    member_id uuid REFERENCES member,
    path text NOT NULL,
    refusals jsonb NOT NULL,
    typed jsonb NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX refused_form_of_visit ON refused_form (visit_id);

-- Failed tries by account, device and address, each under a keyed hash; doubling waits, never for ever.
CREATE TABLE throttle (
    subject bytea PRIMARY KEY,
    failures integer NOT NULL,
    free_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
-- Counters of a rate class, per person or address and minute, for all nodes together.
CREATE TABLE rate_count (
    rate_class text NOT NULL,
    subject bytea NOT NULL,
    minute timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (rate_class, subject, minute)
);

-- Mailed links and codes: stored hashed, used once. Link and code are derived from `proof_id` and the plan's secret when
-- they are sent or shown, so that no queue holds them. Asking for an unknown person leaves a row too, of nobody: the work
-- is the same.
CREATE TABLE proof (
    proof_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    purpose text NOT NULL CHECK (purpose IN ('reset', 'register')),
    member_id uuid REFERENCES member,
    -- reset: shown where the link was asked for, so that the mailbox alone is not enough. register: mailed, to be typed
    -- where it was asked for.
    code_hash bytea NOT NULL,
    visit_id uuid,
    tries smallint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX proof_of_member ON proof (member_id, purpose);

-- Browsers a person has fully signed in from: they keep their own count of failed tries, so that nobody can be locked
-- out by a stranger's tries.
CREATE TABLE known_device (
    device_hash bytea NOT NULL,
    member_id uuid NOT NULL REFERENCES member,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (device_hash, member_id)
);
CREATE INDEX known_device_of_member ON known_device (member_id);
