-- Rights on what payments added, and the promises of the books as views: each must be empty in any snapshot.
REVOKE ALL ON FUNCTION posting_transfers, bill_transfers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION posting_transfers, bill_transfers TO portal_write, portal_worker;
GRANT INSERT ON settlement_file TO portal_worker;
GRANT UPDATE (outcome) ON settlement_line TO portal_worker;
