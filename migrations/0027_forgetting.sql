-- What is past its time is found by an index and removed in batches, so that a backlog of any size is got through within
-- the time limit of the role that removes it.
CREATE INDEX refused_form_expires ON refused_form (expires_at);
CREATE INDEX proof_expires ON proof (expires_at);
CREATE INDEX throttle_changed ON throttle (changed_at);
CREATE INDEX rate_count_minute ON rate_count (minute);
CREATE INDEX known_device_seen ON known_device (seen_at);

-- Visits went nowhere until now. Only what is over is removed (billing/src/sign_in/forget.rs), and no page can.
CREATE INDEX visit_ends ON visit (absolute_end);
GRANT DELETE ON visit TO portal_auth;
