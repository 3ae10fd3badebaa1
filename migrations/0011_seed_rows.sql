-- The plan's own text as rows (domain reference, sections 3.1 to 3.3 and A1 to A13): what it publishes is active, what
-- only later pages say is proposed until the plan confirms it with a date, what cannot be true is kept and never printed.
INSERT INTO region (region, time_zone, sort) VALUES
    ('NCA', 'America/Los_Angeles', 1),
    ('SCA', 'America/Los_Angeles', 2),
    ('CO', 'America/Denver', 3),
    ('GA', 'America/New_York', 4),
    ('HI', 'Pacific/Honolulu', 5),
    ('MAS', 'America/New_York', 6),
    ('OR_SWWA', 'America/Los_Angeles', 7),
    ('WA', 'America/Los_Angeles', 8);

-- Section 3.2, column by column: the six regions, then Maryland and Virginia, then Washington.
INSERT INTO region_feature (profile, region, feature, mode, target, text_key, valid, status, source, owner)
SELECT 'seed', region.region, row.feature, cell.mode, cell.target, cell.text_key, '(,)', 'active',
       '3.2 ' || row.feature, 'plan'
FROM region
CROSS JOIN (VALUES
    ('premium_online', 'on', 'handoff', 'handoff'),
    ('premium_mail', 'on', 'on', 'on'),
    ('premium_phone', 'on', 'on', 'on'),
    ('medical_online', 'on', 'on', 'on'),
    ('guest_medical', 'on', 'on', 'on'),
    ('payment_plan', 'on', 'on', 'on'),
    ('autopay', 'on', 'handoff', 'handoff'),
    ('history_view', 'on', 'contact', 'contact'),
    ('history_letter', 'contact', 'contact', 'contact'),
    ('history_range', 'contact', 'contact', 'contact'),
    ('tax_letter', 'contact', 'contact', 'contact'),
    ('paperless', 'on', 'handoff', 'off'),
    ('bill_ready', 'on', 'off', 'off'),
    ('status_notices', 'on', 'off', 'off'),
    ('notification_settings', 'on', 'off', 'off'),
    ('refund_request', 'contact', 'contact', 'off')
) AS row (feature, six, mas, wa)
CROSS JOIN LATERAL (
    SELECT CASE region.region WHEN 'MAS' THEN row.mas WHEN 'WA' THEN row.wa ELSE row.six END AS mode
) AS picked
CROSS JOIN LATERAL (
    SELECT picked.mode,
        CASE WHEN picked.mode <> 'handoff' OR row.feature = 'paperless' THEN NULL
             WHEN region.region = 'MAS' THEN 'https://kp.org/mas/onlinebilling'
             ELSE 'https://www.velocitypayment.com/vbills/kfhpwoptions/login.go' END AS target,
        CASE WHEN picked.mode = 'on' THEN NULL
             WHEN row.feature = 'paperless' AND region.region = 'MAS' THEN 'feature-paperless-infosend'
             WHEN row.feature IN ('history_view', 'history_letter', 'history_range')
                  AND region.region IN ('MAS', 'WA') THEN 'feature-number-on-statement'
             WHEN picked.mode = 'contact' THEN 'feature-member-services'
             ELSE 'feature-' || replace(row.feature, '_', '-') || '-' || picked.mode END AS text_key
) AS cell;

-- Our own version of every feature, everywhere.
INSERT INTO region_feature (profile, region, feature, mode, valid, status, source, owner)
SELECT DISTINCT 'all_on', region, feature, 'on', daterange '(,)', 'active', '3.4 all_on', 'plan'
FROM region_feature WHERE profile = 'seed';

-- Section 3.3: later pages, until confirmed.
INSERT INTO region_feature (profile, region, feature, mode, target, valid, status, source, owner)
SELECT 'seed', 'WA', feature, 'on', 'https://kp.org/payonline', daterange '(,)', 'proposed', '3.3, A6', 'plan'
FROM unnest(ARRAY['premium_online', 'autopay', 'paperless']) AS feature;

-- Section 3.1. All premium lines answer at any hour, TTY 711 (S27).
INSERT INTO region_contact (region, contact, lines, hours, tty, valid, status, source)
SELECT region, contact, lines, CASE WHEN contact = 'premium_phone' THEN 'hours-always' END,
       CASE WHEN contact = 'premium_phone' THEN '711' END, '(,)', 'active', '3.1'
FROM (VALUES
    ('NCA', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Permanente', 'P.O. Box 7165', 'Pasadena, CA 91109-7165'], ARRAY['1 877 365 9900']),
    ('SCA', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Permanente', 'P.O. Box 7165', 'Pasadena, CA 91109-7165'], ARRAY['1 866 288 6729']),
    ('CO', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Foundation Health Plan, Inc.', 'P.O. Box 910374', 'Denver, CO 80291-0374'],
        ARRAY['1 877 799 4700']),
    ('HI', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Foundation Health Plan, Inc.', 'P.O. Box 30820', 'Honolulu, HI 96820-0820'],
        ARRAY['1 877 578 2700']),
    ('GA', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Foundation Health Plan, Inc.', 'P.O. Box 100661', 'Atlanta, GA 30384-0661'],
        ARRAY['1 877 699 7407']),
    ('OR_SWWA', ARRAY['kp.org/payonline'],
        ARRAY['Kaiser Foundation Health Plan, Inc.', 'P.O. Box 34157', 'Seattle, WA 98124'],
        ARRAY['1 877 729 5590']),
    ('MAS', ARRAY['kp.org/mas/onlinebilling'], NULL, ARRAY['1 800 777 7902']),
    ('WA', ARRAY['https://www.velocitypayment.com/vbills/kfhpwoptions/login.go'],
        ARRAY['Membership Premiums', 'Kaiser Permanente', 'P.O. Box 740008', 'Los Angeles, CA 90074-0008'],
        ARRAY['1 844 632 2045'])
) AS row (region, pay_online, premium_mail, premium_phone)
CROSS JOIN LATERAL (VALUES
    ('pay_online', pay_online), ('premium_mail', premium_mail), ('premium_phone', premium_phone)
) AS cell (contact, lines)
WHERE lines IS NOT NULL;

INSERT INTO region_contact (region, contact, lines, hours, tty, valid, status, source) VALUES
    -- A2: the published string is no address; the reading of it waits for the plan's word.
    ('MAS', 'premium_mail', ARRAY['Kaiser Permanente', 'P.O. Box 64199', 'Baltimore, MC 2164-4199'], NULL, NULL, '(,)',
        'invalid', '3.1, A2'),
    ('MAS', 'premium_mail', ARRAY['Kaiser Permanente', 'P.O. Box 64199', 'Baltimore, MD 21264-4199'], NULL, NULL, '(,)',
        'proposed', 'A2'),
    ('NCA', 'premium_mail', ARRAY['P.O. Box 7158'], NULL, NULL, '(,)', 'proposed', '3.3: off-exchange, 2022 page'),
    ('SCA', 'premium_mail', ARRAY['P.O. Box 7158'], NULL, NULL, '(,)', 'proposed', '3.3: off-exchange, 2022 page'),
    -- S21, A1, A10: one automated line for all bills in California; a person answers on it in office hours.
    ('NCA', 'bill_phone', ARRAY['1-800-464-4000'], 'hours-always', '711', '(,)', 'active', 'S21, S27'),
    ('SCA', 'bill_phone', ARRAY['1-800-464-4000'], 'hours-always', '711', '(,)', 'active', 'S21, S27'),
    ('NCA', 'rep_phone', ARRAY['1-800-464-4000'], 'hours-rep-california', '711', '(,)', 'active', 'S25, S26, A1'),
    ('SCA', 'rep_phone', ARRAY['1-800-464-4000'], 'hours-rep-california', '711', '(,)', 'active', 'S25, S26, A1');

INSERT INTO rule (rule, region, state, bill_kind, value, valid, status, source) VALUES
    ('rep_hours', 'NCA', NULL, NULL, 'Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00', '(,)', 'active', 'S26, A1'),
    ('rep_hours', 'SCA', NULL, NULL, 'Mon-Fri 09:00-16:30; 3rd Thu 09:00-15:00', '(,)', 'active', 'S26, A1'),
    -- An hour before the gateway closes its day: until then a payment can be taken back before it leaves.
    ('cancel_cut_off', NULL, NULL, NULL, '16:00 America/New_York', '(,)', 'active', 'ours'),
    ('gateway_close', NULL, NULL, NULL, '17:00 America/New_York', '(,)', 'active', 'gateway'),
    ('payment_floor', NULL, NULL, NULL, '0.01', '(,)', 'active', 'R11: a part payment is always accepted'),
    ('look_alike_minutes', NULL, NULL, NULL, '10', '(,)', 'active', 'R18'),
    ('pay_above_owed', NULL, NULL, 'medical', 'refused', '(,)', 'active', 'A9'),
    ('pay_above_owed', NULL, NULL, 'pharmacy', 'refused', '(,)', 'active', 'A9'),
    ('pay_above_owed', NULL, NULL, 'medical', 'refused', '(,)', 'proposed', '3.3, A9: later page'),
    ('premium_pay_ahead_cap', NULL, NULL, 'premium', '0.00', '(,)', 'active', 'A9: no pay-ahead until the plan sets it'),
    -- A7: nothing until confirmed.
    ('returned_payment_fee', NULL, NULL, NULL, '0.00', '(,)', 'active', 'A7'),
    ('returned_payment_fee', 'OR_SWWA', 'OR', 'premium', '20.00', '(,)', 'proposed', '3.3, A7'),
    ('returned_payment_fee', 'OR_SWWA', 'WA', 'premium', '0.00', '(,)', 'proposed', '3.3, A7'),
    ('returned_payment_fee', 'WA', 'WA', 'premium', '0.00', '(,)', 'proposed', '3.3, A7'),
    ('returned_payment_fee', 'GA', 'GA', 'premium', '20.00', '(,)', 'proposed', '3.3, A7'),
    ('returned_payment_fee', NULL, NULL, 'medical', '25.00', '(,)', 'proposed', '3.3, A7: "minimum $25"'),
    ('returned_payment_fee', NULL, NULL, 'first_premium', '25.00', '(,)', 'proposed', '3.3, A7: "minimum $25"'),
    ('chc_name', NULL, NULL, NULL, 'Charitable Health Coverage', '(,)', 'active', 'S67'),
    ('chc_name', NULL, NULL, NULL, 'Community Health Coverage Program', '(,)', 'proposed', '3.3'),
    ('statement_day', NULL, NULL, 'premium', 'first two weeks of the month', '(,)', 'active', 'S38'),
    ('statement_day', 'NCA', 'CA', 'premium', 'on-exchange: generated on the 5th, mailed mid-month', '(,)', 'proposed', '3.3'),
    ('statement_day', 'SCA', 'CA', 'premium', 'on-exchange: generated on the 5th, mailed mid-month', '(,)', 'proposed', '3.3'),
    ('statement_day', 'CO', 'CO', 'premium', 'on-exchange: generated on the 5th, mailed mid-month', '(,)', 'proposed', '3.3'),
    ('statement_day', 'MAS', 'MD', 'premium', 'on-exchange: generated on the 5th, mailed mid-month', '(,)', 'proposed', '3.3'),
    ('statement_day', 'MAS', 'DC', 'premium', 'on-exchange: generated on the 5th, mailed mid-month', '(,)', 'proposed', '3.3'),
    ('paperless_carries_over', 'NCA', NULL, NULL, 'yes', '(,)', 'proposed', '3.3, A8'),
    ('paperless_carries_over', 'HI', NULL, NULL, 'no', '(,)', 'proposed', '3.3, A8'),
    -- A5: upper bounds of the seed's words; a bank account waits for the plan.
    ('refund_days', NULL, NULL, 'check', '42', '(,)', 'active', 'S62, A5'),
    ('refund_days', NULL, NULL, 'card', '14', '(,)', 'active', 'S63, A5'),
    ('refund_days', NULL, NULL, 'bank', '42', '(,)', 'active', 'A5');
