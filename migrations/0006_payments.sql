-- An intent to pay, durable before the gateway is asked, and its attempts. States and edges: see billing/src/payments.
CREATE TABLE payment (
    payment_id uuid PRIMARY KEY,
    -- who pays; the bill may be another person's once households exist
    payer uuid NOT NULL REFERENCES member,
    channel text NOT NULL CHECK (channel IN ('web', 'phone', 'rep', 'mail', 'desk', 'autopay', 'guest')),
    bill_id uuid NOT NULL REFERENCES bill,
    bill_version integer NOT NULL,
    receivable bigint NOT NULL REFERENCES account,
    amount numeric(14, 2) NOT NULL CHECK (amount BETWEEN 0.01 AND 999999999999.99),
    method text NOT NULL CHECK (method IN ('card', 'bank', 'check', 'cash')),
    -- what the order said, so that the same key with other contents is told from a repeat
    fingerprint bytea NOT NULL,
    -- the payer's own "yes, again", where a payment like it was made minutes before
    again boolean NOT NULL DEFAULT false,
    -- short, for people: printed on the receipt, spoken on the phone
    receipt_number text UNIQUE,
    created_at timestamptz NOT NULL
);
CREATE INDEX payment_of_payer ON payment (payer, created_at DESC, payment_id DESC);
CREATE INDEX payment_of_bill ON payment (bill_id);

CREATE TABLE payment_attempt (
    attempt_id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payment,
    number smallint NOT NULL,
    state text NOT NULL,
    -- NULL: by the hosted page. Else the kept token it charges.
    token text,
    -- the last event of this attempt; the event's own number
    seq integer NOT NULL DEFAULT 1,
    gateway_sequence bigint NOT NULL DEFAULT 0,
    brand text,
    last4 text CHECK (last4 ~ '^[0-9]{4}$'),
    decline text,
    return_code text,
    fenced_at timestamptz,
    cancel_asked_at timestamptz,
    received_at timestamptz,
    posted_at timestamptz,
    settled_on date,
    -- when the gateway's page closes
    expires_at timestamptz,
    -- the last call that could have made the gateway take this reference: no fence sooner than two time-outs after it
    called_at timestamptz,
    next_check_at timestamptz,
    checks smallint NOT NULL DEFAULT 0,
    deadline_at timestamptz,
    surplus boolean NOT NULL DEFAULT false,
    changed_at timestamptz NOT NULL,
    UNIQUE (payment_id, number)
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX one_live_attempt ON payment_attempt (payment_id)
    WHERE NOT surplus AND state NOT IN ('declined', 'rejected', 'absent', 'voided', 'expired', 'returned', 'dispute_lost');
CREATE INDEX attempt_due ON payment_attempt (next_check_at) WHERE next_check_at IS NOT NULL;

-- One row a move: the state is the fold of these.
CREATE TABLE payment_event (
    attempt_id uuid NOT NULL REFERENCES payment_attempt,
    seq integer NOT NULL,
    from_state text,
    to_state text NOT NULL,
    event text NOT NULL,
    evidence text NOT NULL CHECK (evidence IN ('ours', 'answer', 'query', 'bank', 'sweep', 'person', 'two')),
    actor text NOT NULL,
    second text,
    reason text,
    at timestamptz NOT NULL,
    -- holds the move against the access row of the same transaction
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (attempt_id, seq),
    CHECK (evidence <> 'two' OR (second IS NOT NULL AND second <> actor AND reason IS NOT NULL))
);
CREATE TRIGGER payment_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_event
    EXECUTE FUNCTION refuse_change();

-- The moves there are. Nothing else is possible: the foreign key below refuses it.
CREATE TABLE payment_edge (
    from_state text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO payment_edge (from_state, to_state)
SELECT from_state, unnest(string_to_array(leaves_to, ' ')) FROM (VALUES
    ('created', 'submitting voided expired'),
    ('submitting', 'requires_action unknown authorized capture_pending captured processing declined rejected mismatch'),
    ('requires_action', 'unknown authorized capture_pending captured processing declined voided expired mismatch'),
    ('unknown', 'requires_action authorized capture_pending captured processing declined rejected absent voided mismatch needs_review'),
    ('authorized', 'unknown capture_pending voided expired mismatch'),
    ('capture_pending', 'unknown captured voided mismatch needs_review'),
    ('captured', 'settled voided mismatch disputed needs_review'),
    ('processing', 'settled voided returned mismatch needs_review'),
    ('settled', 'returned mismatch disputed'),
    ('declined', 'mismatch'),
    ('rejected', 'mismatch'),
    ('absent', 'mismatch'),
    ('voided', 'mismatch'),
    ('expired', 'captured processing'),
    ('returned', 'mismatch'),
    ('mismatch', 'needs_review'),
    ('disputed', 'dispute_won dispute_lost needs_review'),
    ('dispute_won', 'disputed'),
    ('dispute_lost', 'disputed'),
    ('needs_review', 'unknown captured processing settled declined absent voided returned disputed dispute_won dispute_lost')
) AS edge (from_state, leaves_to);
ALTER TABLE payment_event ADD FOREIGN KEY (from_state, to_state) REFERENCES payment_edge;

-- What the gateway told us, kept before it is believed. An event is a hint: we ask.
CREATE TABLE gateway_event (
    gateway text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    reference text NOT NULL,
    received_at timestamptz NOT NULL,
    worked_at timestamptz,
    PRIMARY KEY (gateway, event_id)
);
CREATE INDEX gateway_event_open ON gateway_event (received_at) WHERE worked_at IS NULL;

-- The gateway's own list of what it holds, filled by the reconcile job: the other side of `invariant_gateway_match`.
CREATE TABLE gateway_listing (
    reference text PRIMARY KEY,
    state text NOT NULL,
    amount numeric(14, 2) NOT NULL,
    currency text NOT NULL,
    gateway_seq bigint NOT NULL,
    listed_at timestamptz NOT NULL
);

-- Files of which every line was loaded; a file cut in the middle has no row and is read again, line by line.
CREATE TABLE settlement_file (
    file_number bigint PRIMARY KEY,
    lines integer NOT NULL,
    loaded_at timestamptz NOT NULL
);

-- Lines of settlement files, each with one effect however often and in whatever pieces the file is loaded.
CREATE TABLE settlement_line (
    file_number bigint NOT NULL,
    line integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'return')),
    reference text NOT NULL,
    gross numeric(14, 2) NOT NULL,
    fee numeric(14, 2) NOT NULL,
    net numeric(14, 2) NOT NULL,
    settled_on date NOT NULL,
    return_code text,
    source_id uuid NOT NULL UNIQUE,
    -- `wrong_state`: our own books say that nothing was taken, or that it went back already
    outcome text NOT NULL CHECK (outcome IN ('matched', 'unknown_reference', 'wrong_amount', 'wrong_state', 'repeated')),
    loaded_at timestamptz NOT NULL,
    PRIMARY KEY (file_number, line)
);

-- Money that came without a bill we know. Found or returned by its deadline.
CREATE TABLE suspense_item (
    suspense_item_id uuid PRIMARY KEY,
    reference text NOT NULL,
    amount numeric(14, 2) NOT NULL CHECK (amount BETWEEN 0.01 AND 999999999999.99),
    received_at timestamptz NOT NULL,
    deadline_on date NOT NULL,
    closed_at timestamptz,
    outcome text
);

-- A document once given: never changed. Each figure on it cites what makes it.
CREATE TABLE receipt (
    receipt_number text PRIMARY KEY,
    payment_id uuid NOT NULL UNIQUE REFERENCES payment,
    issued_at timestamptz NOT NULL
);
CREATE TABLE cited_figure (
    document_kind text NOT NULL,
    document_id text NOT NULL,
    figure text NOT NULL,
    amount numeric(14, 2) NOT NULL,
    -- the transfers themselves, or an account up to a version, or a source line by name
    transfers bigint[],
    -- how transfers make the figure: their amounts added, or debits less credits of the persons' accounts in them
    measure text NOT NULL DEFAULT 'amounts' CHECK (measure IN ('amounts', 'balance')),
    account_id bigint REFERENCES account,
    account_version bigint,
    source text,
    PRIMARY KEY (document_kind, document_id, figure),
    CHECK (num_nonnulls(transfers, account_id, source) = 1 AND (account_id IS NULL) = (account_version IS NULL))
);
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cited_figure_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cited_figure EXECUTE FUNCTION refuse_change();

-- The transfers a document is about to cite. Volatile, so that they also see what this very statement has posted.
CREATE FUNCTION posting_transfers(p_posting bigint, p_bill uuid DEFAULT NULL) RETURNS bigint[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(transfer_id ORDER BY line) FROM transfer
     WHERE posting_id = p_posting AND (p_bill IS NULL OR bill_id = p_bill)
$$;
CREATE FUNCTION bill_transfers(p_bill uuid, p_after bigint) RETURNS bigint[]
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- p_after: a posting made in the same statement, named so that it is made first
    SELECT array_agg(transfer_id ORDER BY transfer_id) FROM transfer WHERE bill_id = p_bill AND p_after IS NOT NULL
$$;

-- Makes payments of one account wait for each other, without the right to change it.
CREATE FUNCTION lock_account(p_account bigint) RETURNS boolean
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT true FROM account WHERE account_id = p_account FOR NO KEY UPDATE
$$;

-- An attempt with the intent, bill and postings it belongs to: what a decision about it reads, after locking it.
CREATE VIEW attempt_now AS
SELECT a.*, p.payer, p.channel, p.bill_id, p.bill_version, p.receivable, p.amount, p.method, p.again, p.receipt_number,
       p.created_at, b.kind AS bill_kind, b.number AS bill_number, b.region, b.billing_unit_id, r.time_zone,
       pay.posting_id, back.posting_id IS NOT NULL AS reversed
FROM payment_attempt a
JOIN payment p USING (payment_id)
JOIN bill b ON b.bill_id = p.bill_id
JOIN region r ON r.region = b.region
LEFT JOIN posting pay ON pay.source_kind = 'attempt' AND pay.source_id = a.attempt_id AND pay.kind = 'payment'
LEFT JOIN posting back ON back.reverses = pay.posting_id;
