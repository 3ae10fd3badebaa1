-- Double entry, append-only. A transfer is one movement from one account to another, so nothing can be unbalanced.
CREATE TABLE account (
    account_id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000) PRIMARY KEY,
    kind text NOT NULL,
    owner uuid REFERENCES member,
    billing_unit_id text REFERENCES billing_unit,
    -- Debits less credits, and the number of transfers, both moved by the posting itself. A system account has
    -- neither: one shared row for each payment would make the plan wait in one line.
    balance numeric(14, 2),
    version bigint,
    CHECK ((owner IS NULL) = (balance IS NULL) AND (owner IS NULL) = (version IS NULL)),
    CHECK (owner IS NOT NULL OR account_id < 1000),
    -- What the plan owes a person may not turn into a debt of that person by itself.
    CONSTRAINT account_credit_sign CHECK (kind !~ '_(credit|unapplied)$' OR balance <= 0),
    UNIQUE NULLS NOT DISTINCT (owner, kind, billing_unit_id)
) WITH (fillfactor = 85);

INSERT INTO account (account_id, kind) OVERRIDING SYSTEM VALUE VALUES
    (1, 'card_in_transit'), (2, 'ach_in_transit'), (3, 'bank'), (4, 'suspense'),
    (5, 'premium_revenue'), (6, 'medical_revenue'), (7, 'pharmacy_revenue'),
    (8, 'fee_income'), (9, 'write_off'), (10, 'losses'), (11, 'gateway_fees'), (12, 'mail_in_transit'),
    (13, 'desk_in_transit');

CREATE TABLE posting (
    posting_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    source_kind text NOT NULL,
    source_id uuid NOT NULL,
    reverses bigint UNIQUE REFERENCES posting,
    effective_on date NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    reason text NOT NULL,
    -- Posting twice is impossible.
    CONSTRAINT posting_once UNIQUE (source_kind, source_id, kind)
);

CREATE TABLE transfer (
    transfer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    posting_id bigint NOT NULL REFERENCES posting,
    line smallint NOT NULL,
    debit_account bigint NOT NULL REFERENCES account,
    credit_account bigint NOT NULL REFERENCES account,
    -- Not `> 0`: NaN sorts above every number.
    amount numeric(14, 2) NOT NULL CHECK (amount BETWEEN 0.01 AND 999999999999.99),
    bill_id uuid,
    CHECK (debit_account <> credit_account),
    UNIQUE (posting_id, line)
);
CREATE INDEX transfer_bill ON transfer (bill_id) WHERE bill_id IS NOT NULL;
CREATE INDEX transfer_debit ON transfer (debit_account, transfer_id) WHERE debit_account >= 1000;
CREATE INDEX transfer_credit ON transfer (credit_account, transfer_id) WHERE credit_account >= 1000;

CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer EXECUTE FUNCTION refuse_change();

-- Writes one posting with its transfers and moves the persons' balances, or does nothing and returns NULL where it
-- stands already. Holds no rule. It may be the tail of the statement that moves a state. Its snapshot is older than
-- the locks it waits for, so it reads no sums. Definer: only this function writes the ledger.
CREATE FUNCTION ledger_post(
    p_kind text, p_source_kind text, p_source_id uuid, p_effective_on date, p_received_at timestamptz,
    p_actor text, p_reason text,
    p_debits bigint[], p_credits bigint[], p_amounts numeric[], p_bills uuid[],
    p_reverses bigint DEFAULT NULL
) RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH p AS (
        INSERT INTO posting (kind, source_kind, source_id, reverses, effective_on, received_at, actor, reason)
        VALUES (p_kind, p_source_kind, p_source_id, p_reverses, p_effective_on, p_received_at, p_actor, p_reason)
        ON CONFLICT ON CONSTRAINT posting_once DO NOTHING
        RETURNING posting_id
    ), line AS (
        SELECT p.posting_id, l.* FROM p,
            unnest(p_debits, p_credits, p_amounts, p_bills) WITH ORDINALITY AS l (debit, credit, amount, bill, line)
    ), delta AS (
        SELECT account, sum(signed) AS moved, count(*) AS transfers
        FROM line, LATERAL (VALUES (debit, amount), (credit, -amount)) AS s (account, signed)
        GROUP BY account
    ), locked AS (
        SELECT a.account_id FROM account a JOIN delta ON delta.account = a.account_id
        WHERE a.owner IS NOT NULL ORDER BY a.account_id FOR NO KEY UPDATE OF a
    ), moved AS (
        UPDATE account a SET balance = a.balance + delta.moved, version = a.version + delta.transfers
        FROM locked JOIN delta ON delta.account = locked.account_id WHERE a.account_id = locked.account_id
        RETURNING a.account_id
    ), written AS (
        INSERT INTO transfer (posting_id, line, debit_account, credit_account, amount, bill_id)
        SELECT posting_id, line, debit, credit, amount, bill FROM line
        WHERE (SELECT count(*) FROM locked) >= 0 -- the transfers' ids are drawn after the locks
        ORDER BY line
        RETURNING transfer_id
    )
    SELECT posting_id FROM p
$$;

-- Finds or opens a person's account.
CREATE FUNCTION person_account(p_owner uuid, p_kind text, p_billing_unit_id text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE found bigint;
BEGIN
    SELECT account_id INTO found FROM account
     WHERE owner = p_owner AND kind = p_kind AND billing_unit_id IS NOT DISTINCT FROM p_billing_unit_id;
    IF found IS NULL THEN
        INSERT INTO account (kind, owner, billing_unit_id, balance, version)
        VALUES (p_kind, p_owner, p_billing_unit_id, 0, 0)
        ON CONFLICT (owner, kind, billing_unit_id) DO NOTHING RETURNING account_id INTO found;
        IF found IS NULL THEN
            SELECT account_id INTO found FROM account
             WHERE owner = p_owner AND kind = p_kind AND billing_unit_id IS NOT DISTINCT FROM p_billing_unit_id;
        END IF;
    END IF;
    RETURN found;
END $$;
