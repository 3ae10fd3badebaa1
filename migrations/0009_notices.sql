-- Who is told what. A row is written in the transaction that makes it true; a job sends it; its key is seen once.
CREATE TABLE notice (
    notice_id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    member_id uuid REFERENCES member,
    address text NOT NULL,
    template text NOT NULL,
    language text NOT NULL CHECK (language IN ('en', 'es')),
    -- what the words name, as finished text; never a secret
    words jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    failed_at timestamptz,
    tries smallint NOT NULL DEFAULT 0,
    next_try_at timestamptz
);
CREATE INDEX notice_open ON notice (created_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX notice_of_member ON notice (member_id, created_at DESC);
