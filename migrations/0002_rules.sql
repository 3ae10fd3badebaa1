-- What differs by region, product or year is a row with a period, never an `if` (domain reference, section 3).
CREATE TABLE region (
    region text PRIMARY KEY,
    time_zone text NOT NULL,
    sort smallint NOT NULL
);

CREATE TABLE region_feature (
    region_feature_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    profile text NOT NULL CHECK (profile IN ('seed', 'all_on')),
    region text NOT NULL REFERENCES region,
    state text,
    product text,
    feature text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('on', 'handoff', 'contact', 'off')),
    target text,
    text_key text,
    valid daterange NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'active', 'retired')),
    source text NOT NULL,
    owner text NOT NULL,
    approved_by text,
    EXCLUDE USING gist (profile WITH =, region WITH =, coalesce(state, '') WITH =, coalesce(product, '') WITH =,
                        feature WITH =, valid WITH &&) WHERE (status = 'active')
);

-- Addresses, telephone numbers and hours. An address that fails validation is kept, marked `invalid`, never printed.
CREATE TABLE region_contact (
    region_contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    region text NOT NULL REFERENCES region,
    contact text NOT NULL CHECK (contact IN ('pay_online', 'premium_mail', 'premium_phone', 'bill_phone', 'rep_phone')),
    lines text[] NOT NULL CHECK (cardinality(lines) > 0),
    hours text,
    tty text,
    valid daterange NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'active', 'retired', 'invalid')),
    source text NOT NULL,
    EXCLUDE USING gist (region WITH =, contact WITH =, valid WITH &&) WHERE (status = 'active')
);

-- Settings: cut-offs, fees, floors, limits. `region` NULL holds everywhere unless a region has its own row.
CREATE TABLE rule (
    rule_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule text NOT NULL,
    region text REFERENCES region,
    -- where a region spans states with laws of their own
    state text,
    bill_kind text,
    value text NOT NULL,
    valid daterange NOT NULL,
    status text NOT NULL CHECK (status IN ('proposed', 'active', 'retired')),
    source text NOT NULL,
    EXCLUDE USING gist (rule WITH =, coalesce(region, '') WITH =, coalesce(state, '') WITH =,
                        coalesce(bill_kind, '') WITH =, valid WITH &&) WHERE (status = 'active')
);
