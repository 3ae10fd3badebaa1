-- What claims files leave behind beside members and bills: what each figure was read from, and services of claims whose
-- explanation of benefits may not have arrived yet.
CREATE TABLE eob (
    bill_id uuid PRIMARY KEY REFERENCES bill,
    source_set text NOT NULL,
    patient_id text NOT NULL,
    claim_id text,
    -- numbers of the claim's items it explains
    sequences text[] NOT NULL,
    method text NOT NULL CHECK (method IN ('total', 'patient_pay', 'shares', 'paid_by_patient')),
    -- before its one rounding, with every digit
    responsibility text NOT NULL,
    -- amounts by level and category, with every digit
    stated jsonb NOT NULL,
    file text NOT NULL,
    line integer NOT NULL
);
CREATE INDEX eob_of_claim ON eob (source_set, claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE claim (
    source_set text NOT NULL,
    source_id text NOT NULL,
    patient_id text NOT NULL,
    lines jsonb NOT NULL,
    file text NOT NULL,
    line integer NOT NULL,
    PRIMARY KEY (source_set, source_id)
);

CREATE SEQUENCE eob_bill_number;

INSERT INTO rule (rule, bill_kind, value, valid, status, source) VALUES
    ('bill_due_days', 'medical', '30', '(,)', 'active', 'ours: a month from the day the bill is made'),
    ('bill_due_days', 'pharmacy', '30', '(,)', 'active', 'ours: a month from the day the bill is made');

-- The lines of a bill read from an explanation of benefits sum to it, to the cent.
CREATE VIEW invariant_eob_lines AS
SELECT e.bill_id, b.due, sum(l.owed) AS lines
FROM eob e JOIN bill b USING (bill_id) LEFT JOIN bill_line l USING (bill_id)
GROUP BY e.bill_id, b.due
HAVING coalesce(sum(l.owed), 0) <> b.due;

GRANT SELECT ON eob, claim TO portal_read, portal_write, portal_worker, portal_check;
GRANT SELECT ON invariant_eob_lines TO portal_check, portal_worker;
GRANT INSERT ON eob, claim TO portal_worker;
GRANT UPDATE ON claim TO portal_worker;
GRANT USAGE ON SEQUENCE eob_bill_number TO portal_worker;
