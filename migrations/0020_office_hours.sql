-- When people answer is said from the rule row `rep_hours`, which a page can also reckon with; a sentence beside the
-- number would be a second home of the same fact (S26, A1).
UPDATE region_contact SET hours = NULL WHERE contact = 'rep_phone';
