-- Whether a text holds what could be a card number: 13 to 19 digits that pass the Luhn test, whole or in groups, however
-- they are written. Ids of ours and dates are no cards. The same as `payments::card::holds_card`.
CREATE OR REPLACE FUNCTION holds_card(p_text text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    said text;
    run text[];
    groups text[];
    number text;
    digit int;
    total int;
BEGIN
    said := translate(p_text, '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '012345678901234567890123456789');
    IF length(translate(said, translate(said, '0123456789', ''), '')) < 13 THEN
        RETURN false;
    END IF;
    -- JSON writes a tab as two characters
    said := regexp_replace(said, '\\([bfnrt]|u00[01][0-9a-f])', ' ', 'g');
    said := regexp_replace(said, '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', '/', 'gi');
    said := regexp_replace(said, '(?<![0-9])(19|20)[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9](?![0-9])', '/', 'g');
    -- between two groups: white space, dots, dashes of any kind, and what is not seen
    FOR run IN SELECT regexp_matches(said,
        '[0-9]+(?:[\u0001-\u0020._\-\u007f-\u00a0\u00ad\u1680\u2000-\u2015\u2028\u2029\u202f\u205f\u2060\u2212\u3000\ufeff\uff0d]{1,3}[0-9]+)*',
        'g')
    LOOP
        CONTINUE WHEN length(run[1]) < 13;
        groups := regexp_split_to_array(run[1], '[^0-9]+');
        FOR from_group IN 1 .. cardinality(groups) LOOP
            number := '';
            FOR to_group IN from_group .. cardinality(groups) LOOP
                number := number || groups[to_group];
                EXIT WHEN length(number) > 19;
                CONTINUE WHEN length(number) < 13;
                total := 0;
                FOR place IN 1 .. length(number) LOOP
                    digit := substr(number, place, 1)::int;
                    total := total + CASE WHEN (length(number) - place) % 2 = 0 THEN digit
                                          WHEN digit < 5 THEN digit * 2 ELSE digit * 2 - 9 END;
                END LOOP;
                IF total % 10 = 0 THEN
                    RETURN true;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN false;
END $$;

-- Q3. What is not here is no free text: ids, words of ours, amounts, and rows of the rules.
CREATE OR REPLACE VIEW invariant_card_digits AS
SELECT 'member' AS place, member_id::text AS id FROM member
WHERE holds_card(concat_ws(' / ', given_name, family_name, email, phone))
UNION ALL SELECT 'credential', member_id::text FROM credential WHERE holds_card(email)
UNION ALL SELECT 'bill', bill_id::text FROM bill WHERE holds_card(provider)
UNION ALL SELECT 'bill_line', bill_id || '/' || line FROM bill_line
WHERE holds_card(concat_ws(' / ', description, person, quantity))
UNION ALL SELECT 'bill_person', bill_id || '/' || line FROM bill_person WHERE holds_card(concat_ws(' / ', given_name, family_name))
UNION ALL SELECT 'claim', source_set || '/' || source_id FROM claim WHERE holds_card(lines::text)
UNION ALL SELECT 'payment_event', attempt_id || '/' || seq FROM payment_event
WHERE holds_card(concat_ws(' / ', event, actor, second, reason))
UNION ALL SELECT 'posting', posting_id::text FROM posting WHERE holds_card(concat_ws(' / ', actor, reason))
UNION ALL SELECT 'payment_attempt', attempt_id::text FROM payment_attempt
WHERE holds_card(concat_ws(' / ', brand, decline, return_code, token))
UNION ALL SELECT 'gateway_event', event_id FROM gateway_event WHERE holds_card(concat_ws(' / ', kind, reference))
UNION ALL SELECT 'settlement_line', source_id::text FROM settlement_line
WHERE holds_card(concat_ws(' / ', reference, return_code, why, closed_by, closed_second, closed_reason))
UNION ALL SELECT 'gateway_listing', gateway_seq::text FROM gateway_listing WHERE holds_card(reference)
UNION ALL SELECT 'suspense_item', suspense_item_id::text FROM suspense_item WHERE holds_card(concat_ws(' / ', reference, outcome))
UNION ALL SELECT 'notice', notice_id::text FROM notice WHERE holds_card(concat_ws(' / ', address, words::text))
UNION ALL SELECT 'refused_form', refused_form_id::text FROM refused_form
WHERE holds_card(concat_ws(' / ', typed::text, refusals::text))
UNION ALL SELECT 'access_row', access_row_id::text FROM access_row WHERE holds_card(concat_ws(' / ', object_id, reason));
