/** Who asks: one mesh for all of it, since opening one takes longer than the tests. */
import './identity/passwords.ts';
import './identity/issuer.ts';
import './identity/foreign-client.ts';
import './identity/company.ts';
import './identity/policies.ts';
import './identity/keys.ts';
import './identity/account-tokens.ts';
