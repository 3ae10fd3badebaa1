-- A language chosen before signing in is the person's from then on: the door keeps it in the transaction of entering.
GRANT UPDATE (language) ON member TO portal_auth;
