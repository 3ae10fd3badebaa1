-- A request to pay, of one kind. What is owed is `due - applied`; status is computed from facts and a date, never stored.
CREATE TABLE bill (
    bill_id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('premium', 'medical', 'pharmacy')),
    member_id uuid NOT NULL REFERENCES member,
    billing_unit_id text REFERENCES billing_unit,
    region text NOT NULL REFERENCES region,
    receivable bigint NOT NULL REFERENCES account,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    -- Premium: the month covered. Medical and pharmacy: first to last day of service.
    period daterange NOT NULL,
    provider text,
    -- The waterfall, from the source: billed - discount - plan_paid - paid_before = due. NULL: not stated there.
    billed numeric(14, 2),
    discount numeric(14, 2),
    plan_paid numeric(14, 2),
    paid_before numeric(14, 2),
    due numeric(14, 2) NOT NULL CHECK (due BETWEEN 0 AND 999999999999.99),
    applied numeric(14, 2) NOT NULL DEFAULT 0,
    -- Grows whenever what is owed changes: a payment is bound to the version it saw.
    version integer NOT NULL DEFAULT 1,
    source_set text NOT NULL,
    source_id text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT bill_applied CHECK (applied >= 0 AND applied <= due),
    CONSTRAINT bill_source UNIQUE (source_set, source_id),
    CHECK ((kind = 'premium') = (billing_unit_id IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX bill_of_member ON bill (member_id, issued_on DESC, bill_id DESC);

ALTER TABLE transfer ADD FOREIGN KEY (bill_id) REFERENCES bill;

CREATE TABLE bill_line (
    bill_id uuid NOT NULL REFERENCES bill,
    line smallint NOT NULL,
    -- `service`: a line of the explanation of benefits or claim. `premium`, `credit`, `fee`: a line of a premium bill.
    kind text NOT NULL,
    description text NOT NULL,
    person text,
    served_on date,
    quantity text,
    billed numeric(14, 2),
    discount numeric(14, 2),
    plan_paid numeric(14, 2),
    owed numeric(14, 2) NOT NULL,
    -- deductible, copay, coinsurance, as the source states them
    detail jsonb NOT NULL DEFAULT '{}',
    -- where it was read: file identity and place, or the rule or rate row
    source text NOT NULL,
    PRIMARY KEY (bill_id, line)
);

CREATE TABLE bill_person (
    bill_id uuid NOT NULL REFERENCES bill,
    line smallint NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    relation text NOT NULL CHECK (relation IN ('subscriber', 'spouse', 'child', 'other')),
    PRIMARY KEY (bill_id, line)
);
