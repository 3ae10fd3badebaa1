-- Who may do what. Nobody but the owner may UPDATE, DELETE or TRUNCATE ledger, events, audit or documents; the ledger is
-- written by `ledger_post` alone.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_read, portal_write, portal_worker, portal_auth, portal_check;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO portal_read, portal_write, portal_worker, portal_check;
REVOKE SELECT ON credential, proof, throttle, rate_count, known_device FROM portal_read, portal_write, portal_worker, portal_check;
GRANT SELECT (member_id, email, changed_at) ON credential TO portal_read, portal_write, portal_worker, portal_check;

GRANT INSERT ON member, billing_unit, bill, bill_line, bill_person, payment, payment_attempt, payment_event, gateway_event,
    gateway_listing, settlement_line, suspense_item, receipt, cited_figure, refused_form, notice
    TO portal_write, portal_worker;
GRANT UPDATE ON member, bill, payment, payment_attempt, gateway_event, gateway_listing, suspense_item, notice
    TO portal_write, portal_worker;
GRANT DELETE ON refused_form TO portal_write, portal_worker;
GRANT INSERT ON seal, sealed_row TO portal_worker;

GRANT SELECT ON member, credential, proof, throttle, rate_count, known_device, visit, notice, region, region_feature, region_contact, rule
    TO portal_auth;
GRANT INSERT, UPDATE ON credential, proof, throttle, rate_count, known_device, visit TO portal_auth;
GRANT SELECT, UPDATE (visit_id) ON refused_form TO portal_auth;
GRANT DELETE ON throttle, rate_count, known_device, proof TO portal_auth;
GRANT INSERT ON notice TO portal_auth;

GRANT EXECUTE ON FUNCTION ledger_post, person_account TO portal_write, portal_worker;
GRANT EXECUTE ON FUNCTION visits_speak TO portal_write;
GRANT EXECUTE ON FUNCTION visit_seen TO portal_read, portal_auth;
GRANT EXECUTE ON FUNCTION leave_access, saw, authorized TO portal_read, portal_write, portal_worker, portal_auth;
GRANT EXECUTE ON FUNCTION access_row_bytes TO portal_worker, portal_check;
