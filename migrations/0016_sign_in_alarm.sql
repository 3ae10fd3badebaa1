-- How many refused sign-ins of all accounts together, within ten minutes, raise the alarm. A plan's size sets it: a few
-- in a hundred sign-ins are mistyped, so 300 are ten minutes of some 10,000 people at the door, and what one network can
-- make in an hour is 20. A larger plan raises it by a row of its own.
INSERT INTO rule (rule, value, valid, status, source) VALUES ('sign_in_alarm', '300', '(,)', 'active', 'ours');
