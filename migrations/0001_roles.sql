-- The roles the portal's processes take when they connect. The owner migrates; nobody else may change a row of the
-- ledger, of events or of the audit trail. Roles belong to the whole cluster, so two databases may create them at once.
SELECT pg_advisory_xact_lock(hashtext('portal roles'));
DO $$
DECLARE role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['portal_read', 'portal_write', 'portal_worker', 'portal_auth', 'portal_check'] LOOP
        -- The lock above is this database's alone: another database may make the same role at this moment.
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF NOT pg_has_role(CURRENT_USER, role_name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
        END IF;
    END LOOP;
END $$;

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Anything that must never change once written.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
