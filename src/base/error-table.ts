import { DATA_ERRORS, type ErrorEntry } from './data-errors.ts';
import { IDENTITY_ERRORS } from './identity-errors.ts';
import { PIPELINE_ERRORS } from './pipeline-errors.ts';

export type { ErrorEntry } from './data-errors.ts';

/**
 * Every refusal the mesh can give: HTTP status, public sentence with `{facts}`, and what to do.
 * `docs/errors.md` is compared with this table by a test; write it with `npm run docs:errors`.
 */
export const ERRORS = {
  internal: {
    status: 500,
    message: 'something went wrong on our side',
    fix: 'Try again; if it stays, give the request id to the operator, who finds the cause in the log.',
  },
  'input.invalid': {
    status: 400,
    message: 'the request is not valid',
    fix: 'Correct the named fields and send it again.',
  },
  'input.too-large': {
    status: 413,
    message: '{what} is larger than the limit of {limit}',
    fix: 'Send less, or ask the operator to raise the limit.',
  },
  'not-found': {
    status: 404,
    message: '{what} was not found',
    fix: 'Check the name; `crossdock search` lists what you may discover.',
  },
  conflict: {
    status: 409,
    message: '{what} has changed in the meantime',
    fix: 'Read it again and repeat the change.',
  },
  'auth.missing': {
    status: 401,
    message: 'a token is needed',
    fix: 'Run `crossdock login`, or send `Authorization: Bearer <token>`.',
  },
  'auth.invalid': {
    status: 401,
    message: 'the token is unknown, expired or revoked',
    fix: 'Create a new token with `crossdock token create` or ask your domain owner for one.',
  },
  'auth.forbidden': {
    status: 403,
    message: 'you may not {action} {what}',
    fix: 'Ask an owner of {owner} to do it, or to give you a role that may.',
  },
  'auth.policy-forbids': {
    status: 403,
    message: 'a policy of {level} forbids you to {action} {what}',
    fix: 'A role or a subscription gives no way around it. Ask those who write the policies of {level}: {writers}; `crossdock explain` names the policy to people of the domain.',
  },
  'auth.scope': {
    status: 403,
    message: 'this token does not carry the scope {scope}',
    fix: 'Create a token with that scope.',
  },
  'auth.tag': {
    status: 403,
    message: 'you may not give columns of {domain} by the tags {tags}',
    fix: 'Name the columns, or ask one of those whom `grantedBy` of the tag in mesh.yaml names.',
  },
  'auth.cross-site': {
    status: 403,
    message: 'a browser sent this change from another site',
    fix: 'Open the mesh in its own window and repeat the change there.',
  },
  'lineage.which-domain': {
    status: 400,
    message: 'for which domain these events are is not known',
    fix: 'Use a token of a service account of the domain, or add `?domain=NAME` to the address.',
  },
  'lineage.not-forwarded': {
    status: 502,
    message: 'the lineage collector did not take an event: {reason}',
    fix: 'Check CROSSDOCK_OPENLINEAGE_URL and CROSSDOCK_OPENLINEAGE_KEY; the event is sent again within a minute.',
  },
  'limit.rate': {
    status: 429,
    message: 'too many requests',
    fix: 'Wait {seconds} seconds and try again.',
  },
  'server.busy': {
    status: 503,
    message: 'the server is busy',
    fix: 'Try again in a moment.',
  },
  'server.port': {
    status: 500,
    message: 'cannot listen on {address} ({code})',
    fix: 'Stop what listens there, or choose another port with --port.',
  },
  'config.invalid': {
    status: 500,
    message: 'the configuration is not valid',
    fix: 'Correct every variable named and start again.',
  },
  'store.locked': {
    status: 500,
    message: 'the data folder {folder} is in use by process {pid}',
    fix: 'Stop that process, or start with another --data folder.',
  },
  'store.newer': {
    status: 500,
    message: 'the database was written by a newer version of Crossdock',
    fix: 'Start the newer version, or restore a backup made by this one.',
  },
  'subscription.exists': {
    status: 409,
    message: '{domain} already has a request or subscription to {product} for this purpose',
    fix: 'See `crossdock requests`; name another purpose, or wait for the decision.',
  },
  'subscription.domain-needed': {
    status: 400,
    message: 'say which of your domains asks; yours are: {domains}',
    fix: 'Give `domain` with the name of a domain you belong to.',
  },
  'subscription.own-product': {
    status: 409,
    message: '{product} belongs to {domain} itself',
    fix: 'Nothing to do: a domain reads its own products without a subscription.',
  },
  'subscription.not-open': {
    status: 409,
    message: '{product} is {status} and takes no requests',
    fix: 'Ask its owner whether it will be published, or what replaces it.',
  },
  'subscription.state': {
    status: 409,
    message: '{id} is {state}, not {needed}',
    fix: 'Read it again; somebody else may have decided already.',
  },
  'subscription.form-incomplete': {
    status: 422,
    message: 'the request for {products} does not answer what is asked',
    fix: 'Answer what is named (`--answer NAME=VALUE`) and agree to the terms (`--agree VERSION`); `crossdock request … --form` shows all of it. Nothing was sent.',
  },
  'subscription.decided': {
    status: 409,
    message: '{id} was {decision} by {by} at {at} (step {step})',
    fix: 'Read it again: that decision stands. To give something else, revoke it and let the consumer ask again.',
  },
  'subscription.renewal-waits': {
    status: 409,
    message: 'a renewal of {id} waits for a decision already: {renewal}',
    fix: 'Wait for it, or withdraw it to ask for another end.',
  },
  'subscription.four-eyes': {
    status: 403,
    message: 'you asked for {id} yourself',
    fix: 'Let somebody else who decides about the product approve it.',
  },
  'subscription.grant-invalid': {
    status: 422,
    message: 'the grant does not fit the product',
    fix: 'Correct every problem named; nothing was approved.',
  },
  'delegation.exists': {
    status: 409,
    message: '{to} can already approve requests for {product}',
    fix: 'See `crossdock delegation list`; revoke it before you give another one.',
  },
  'delegation.own-domain': {
    status: 409,
    message: '{domain} offers the product itself',
    fix: 'Nothing to do: its owners and stewards approve requests without a delegation.',
  },
  'delegation.exceeded': {
    status: 403,
    message: 'this is more than the delegation allows',
    fix: 'Leave out what is named; `crossdock delegation list` shows the ceiling. Nothing was approved.',
  },
  'delegation.lapsed': {
    status: 403,
    message: 'your delegation for {product} does not count: whoever gave it may not give it any more',
    fix: 'Ask an owner of {owner} to delegate it again.',
  },
  'delegation.own-request': {
    status: 403,
    message: 'nobody decides under a delegation about the requests of their own domain, here {consumer}',
    fix: 'Ask an owner or steward of {owner} to decide.',
  },
  'contract.invalid': {
    status: 422,
    message: 'the contract {file} is not valid',
    fix: 'Correct the places named; `crossdock contract lint {file}` shows them again.',
  },
  'contract.not-editable': {
    status: 422,
    message: 'the value at {pointer} of {file} cannot be changed by itself',
    fix: 'Edit the file by hand; values behind anchors and aliases belong to several places.',
  },
  'contract.ignore-list': {
    status: 422,
    message: 'the list of accepted differences {file} is not valid',
    fix: 'Give each entry a code, a pointer, a reason and an end that is still to come.',
  },
  'product.invalid': {
    status: 422,
    message: 'the product {file} is not valid',
    fix: 'Correct the places named and try again.',
  },
  'product.not-ready': {
    status: 422,
    message: '{product} cannot be published yet',
    fix: 'Correct every problem named and publish it again.',
  },
  'product.retired': {
    status: 409,
    message: '{product} is retired',
    fix: 'Offer the data as a new product; a retired one takes no consumers.',
  },
  'product.superseded': {
    status: 409,
    message: '{product} has been superseded by {current}',
    fix: 'Publish changes in the current version; to serve this one longer, `crossdock product deprecate {product} --sunset DATE`.',
  },
  'product.not-published': {
    status: 409,
    message: '{product} is {status}, so there is nothing to deprecate',
    fix: 'Publish it first, or take it out of its folder and apply.',
  },
  'product.has-consumers': {
    status: 409,
    message: '{product} is used by {domains}',
    fix: 'Deprecate it, agree on an end with these domains, revoke their subscriptions, then retire it.',
  },
  'mesh.invalid': {
    status: 422,
    message: 'the folder of the mesh is not valid',
    fix: 'Correct the places named; nothing was changed.',
  },
  'mesh.too-large-to-rehearse': {
    status: 413,
    message: 'the mesh has more than {datasets} datasets or {people} people: too many to compare at once',
    fix: 'Ask for single products with `crossdock explain DOMAIN.PRODUCT --who` before and after.',
  },
  'mesh.refused': {
    status: 409,
    message: 'the folder cannot be applied to the mesh as it is',
    fix: 'Resolve every problem named; `crossdock plan` shows them again without changing anything.',
  },
  'mesh.folder-unreadable': {
    status: 400,
    message: 'the folder {folder} cannot be read',
    fix: 'Name a folder that holds mesh.yaml, or the folder of one domain.',
  },
  'secret.no-key': {
    status: 503,
    message: 'this mesh has no key to keep secrets with',
    fix: 'Ask the operator to set CROSSDOCK_SECRET_KEY.',
  },
  'secret.key-unknown': {
    status: 503,
    message: 'a secret was sealed with the key {key}, which this server does not have',
    fix: 'Add that key to CROSSDOCK_SECRET_KEY, behind the newest one.',
  },
  'secret.key-file': {
    status: 500,
    message: 'the key in {path} is not one',
    fix: 'Put the key back from a backup; without it the secrets of endpoints must be made anew.',
  },
  'webhook.address': {
    status: 400,
    message: 'the endpoint {host} has a private address',
    fix: 'Use a public address, or ask the operator to list its network in CROSSDOCK_WEBHOOK_NETWORKS.',
  },
  'webhook.limit': {
    status: 409,
    message: '{domain} has {limit} endpoints already',
    fix: 'Delete one that is not needed, or let one endpoint take more kinds of events.',
  },
  'cli.refused': {
    status: 400,
    message: '{title}',
    fix: 'See the code and the sentence the server gave.',
  },
  'cli.unreachable': {
    status: 503,
    message: 'no Crossdock server answers at {url}',
    fix: 'Start one with `npm start` or `crossdock up`, or set CROSSDOCK_URL.',
  },
  'cli.no-token': {
    status: 400,
    message: 'no token was given',
    fix: 'Run `crossdock login` and paste a token, or pipe it in.',
  },
  'cli.file': {
    status: 400,
    message: 'the file {path} cannot be read',
    fix: 'Check the path and its permissions.',
  },
  'cli.output': {
    status: 400,
    message: 'the file {path} cannot be written',
    fix: 'Check the folder and its permissions.',
  },
  'cli.no-documents': {
    status: 400,
    message: 'there is no contract and no product in {paths}',
    fix: 'Name files, folders or patterns; in folders, documents are known by `.odcs.`, `.odps.` or their `kind`.',
  },
  'cli.too-many-files': {
    status: 400,
    message: 'there are more than {limit} documents',
    fix: 'Name fewer folders at once.',
  },
  'cli.product-name': {
    status: 400,
    message: '{name} is not the name of a product',
    fix: 'Write it as DOMAIN.PRODUCT, for example sales.sell-out.',
  },
  'cli.dataset-name': {
    status: 400,
    message: '{name} is not the name of a dataset',
    fix: 'Write it as DOMAIN.PRODUCT.DATASET, for example sales.sell-out.weeks.',
  },
  'cli.set': {
    status: 400,
    message: '{pair} gives no parameter a value',
    fix: 'Write --set NAME=VALUE, once for each parameter.',
  },
  ...DATA_ERRORS,
  ...IDENTITY_ERRORS,
  ...PIPELINE_ERRORS,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;
