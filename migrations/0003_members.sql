-- People covered. `placeholder` is a person an explanation of benefits named before their own record arrived.
CREATE TABLE member (
    member_id uuid PRIMARY KEY,
    mrn text NOT NULL UNIQUE CHECK (mrn ~ '^[0-9]{8,12}$'),
    given_name text NOT NULL,
    family_name text NOT NULL,
    birth_on date,
    region text NOT NULL REFERENCES region,
    email text,
    phone text,
    language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'es')),
    placeholder boolean NOT NULL DEFAULT false,
    disabled_at timestamptz,
    source_set text NOT NULL DEFAULT 'plan',
    source_id text,
    created_at timestamptz NOT NULL,
    UNIQUE (source_set, source_id)
);
CREATE UNIQUE INDEX member_email ON member (lower(email)) WHERE email IS NOT NULL;

-- A premium account: sets region and product, and receives the premium bill.
CREATE TABLE billing_unit (
    billing_unit_id text PRIMARY KEY CHECK (billing_unit_id ~ '^[0-9]{9,12}$'),
    subscriber uuid NOT NULL REFERENCES member,
    region text NOT NULL REFERENCES region,
    product text NOT NULL CHECK (product IN ('individual', 'employer', 'exchange', 'medicare', 'medicaid', 'cobra'))
);
CREATE INDEX billing_unit_subscriber ON billing_unit (subscriber);
