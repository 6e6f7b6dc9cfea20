import type { AnyOperation } from './base/operation.ts';
import { exportAudit } from './audit/export-audit.ts';
import { listAudit } from './audit/list-audit.ts';
import { showPolicies } from './audit/policies/show-policies.ts';
import { verifyAudit } from './audit/verify-audit.ts';
import { search } from './catalog/search.ts';
import type { Context } from './identity/context.ts';
import { createToken } from './identity/create-token.ts';
import { listTokens } from './identity/list-tokens.ts';
import { createApplication, listApplications, removeApplication } from './identity/issuer/applications.ts';
import { decideDevice, describeDevice } from './identity/issuer/decide-device.ts';
import { rotateIssuer } from './identity/issuer/rotate-issuer.ts';
import { cancelErasure } from './erasure/cancel-erasure.ts';
import { getErasure } from './erasure/get-erasure.ts';
import { liftErasure } from './erasure/lift-erasure.ts';
import { listAllErasures } from './erasure/list-erasures.ts';
import { startErasure } from './erasure/start-erasure.ts';
import { whoAmI } from './identity/me.ts';
import { setPassword } from './identity/passwords/set-password.ts';
import { disablePerson, enablePerson } from './identity/people/disable-person.ts';
import { invitePerson } from './identity/people/invite-person.ts';
import { listEverybody } from './identity/people/list-people.ts';
import { revokeToken } from './identity/revoke-token.ts';
import { endSession } from './identity/sessions/end-session.ts';
import { listSessions } from './identity/sessions/list-sessions.ts';
import { acknowledgeIncident } from './incidents/acknowledge-incident.ts';
import { commentIncident } from './incidents/comment-incident.ts';
import { listIncidents } from './incidents/list-incidents.ts';
import { crawlSource } from './ingest/crawl-source.ts';
import { draftContract } from './ingest/draft-contract.ts';
import { listLineageEvents } from './lineage/openlineage/list-events.ts';
import { showLineage } from './lineage/graph/show-graph.ts';
import { showImpact } from './lineage/graph/show-impact.ts';
import { applyMesh } from './mesh-as-code/apply.ts';
import { planMesh } from './mesh-as-code/plan.ts';
import { rehearseMesh } from './mesh-as-code/rehearse.ts';
import { countInbox } from './notifications/inbox/count-inbox.ts';
import { listInbox } from './notifications/inbox/list-inbox.ts';
import { listPreferences, setPreference } from './notifications/inbox/preferences.ts';
import { readAllEntries, readEntries } from './notifications/inbox/read-inbox.ts';
import { createWebhook } from './notifications/webhooks/create-webhook.ts';
import { pauseWebhook } from './notifications/webhooks/pause-webhook.ts';
import { removeWebhook } from './notifications/webhooks/delete-webhook.ts';
import { enableWebhook } from './notifications/webhooks/enable-webhook.ts';
import { listWebhookDeliveries } from './notifications/webhooks/list-deliveries.ts';
import { listDomainWebhooks } from './notifications/webhooks/list-webhooks.ts';
import { rotateWebhook } from './notifications/webhooks/rotate-webhook.ts';
import { testWebhook } from './notifications/webhooks/test-webhook.ts';
import { listObservations } from './observations/list-observations.ts';
import {
  pauseBookmark,
  resetBookmark,
  resumeBookmark,
  rewindBookmark,
} from './pipelines/bookmarks/change-bookmark.ts';
import { showBookmark } from './pipelines/bookmarks/show-bookmark.ts';
import { startBackfill } from './pipelines/backfills/start-backfill.ts';
import { cancelRun } from './pipelines/cancel-run.ts';
import { getRun } from './pipelines/get-run.ts';
import { getRunGroup } from './pipelines/groups/get-group.ts';
import { resumeRun } from './pipelines/groups/resume-run.ts';
import { listRuns } from './pipelines/list-runs.ts';
import { runProduct } from './pipelines/run-product.ts';
import { deprecateProduct } from './products/deprecate-product.ts';
import { getDomain } from './products/get-domain.ts';
import { listAllDomains } from './products/list-domains.ts';
import { listAllProducts } from './products/list-products.ts';
import { listContractVersions } from './products/list-contract-versions.ts';
import { publishProduct } from './products/publish-product.ts';
import { retireProduct } from './products/retire-product.ts';
import { showUse } from './products/show-use.ts';
import { cancelContractTest } from './serving/contract-tests/cancel-contract-test.ts';
import { cancelQuery } from './serving/cancel-query.ts';
import { explainAccess } from './serving/explain-access.ts';
import { getContractTest } from './serving/contract-tests/get-contract-test.ts';
import { getProduct } from './serving/get-product.ts';
import { runQuery } from './serving/run-query.ts';
import { startContractTest } from './serving/contract-tests/start-contract-test.ts';
import { requestBasket } from './subscriptions/basket/request-basket.ts';
import { showRequest } from './subscriptions/show-request.ts';
import { showBasket } from './subscriptions/basket/show-basket.ts';
import { showRequestForm } from './subscriptions/forms/show-request-form.ts';
import { approveRequest } from './subscriptions/approve-request.ts';
import { giveDelegation } from './subscriptions/delegations/give-delegation.ts';
import { listDelegations } from './subscriptions/delegations/list-delegations.ts';
import { revokeDelegation } from './subscriptions/delegations/revoke-delegation.ts';
import { listMySubscriptions } from './subscriptions/list-my-subscriptions.ts';
import { listRequests } from './subscriptions/list-requests.ts';
import { listAccess } from './subscriptions/readers/list-access.ts';
import { listReaders } from './subscriptions/readers/list-readers.ts';
import { rejectRequest } from './subscriptions/reject-request.ts';
import { requestAccess } from './subscriptions/request-access.ts';
import { elevate } from './subscriptions/elevation/elevate.ts';
import { endElevation } from './subscriptions/elevation/end-elevation.ts';
import { showElevations } from './subscriptions/elevation/list-elevations.ts';
import { askRenewal } from './subscriptions/renewal/ask-renewal.ts';
import { approveRenewal, rejectRenewal, withdrawRenewal } from './subscriptions/renewal/decide-renewal.ts';
import { revokeSubscription } from './subscriptions/revoke-subscription.ts';
import { withdrawRequest } from './subscriptions/withdraw-request.ts';

/** Everything the mesh can do, in the order of its story: the table of contents of the product. */
export const OPERATIONS: AnyOperation<Context>[] = [
  // Who am I
  whoAmI,
  createToken,
  listTokens,
  revokeToken,
  listSessions,
  endSession,
  setPassword,
  listEverybody,
  invitePerson,
  disablePerson,
  enablePerson,
  describeDevice,
  decideDevice,
  createApplication,
  listApplications,
  removeApplication,
  rotateIssuer,
  // Producers: the folder of the mesh, sources, products, pipelines
  planMesh,
  rehearseMesh,
  applyMesh,
  listAllDomains,
  getDomain,
  crawlSource,
  draftContract,
  publishProduct,
  deprecateProduct,
  retireProduct,
  showUse,
  runProduct,
  listRuns,
  getRun,
  getRunGroup,
  cancelRun,
  resumeRun,
  startBackfill,
  showBookmark,
  pauseBookmark,
  resumeBookmark,
  resetBookmark,
  rewindBookmark,
  listObservations,
  listIncidents,
  acknowledgeIncident,
  commentIncident,
  // Consumers: find, request, read
  search,
  showLineage,
  showImpact,
  listLineageEvents,
  listAllProducts,
  getProduct,
  listContractVersions,
  showRequestForm,
  requestAccess,
  showRequest,
  requestBasket,
  showBasket,
  elevate,
  endElevation,
  showElevations,
  askRenewal,
  approveRenewal,
  rejectRenewal,
  withdrawRenewal,
  withdrawRequest,
  listRequests,
  approveRequest,
  rejectRequest,
  listMySubscriptions,
  revokeSubscription,
  giveDelegation,
  listDelegations,
  revokeDelegation,
  explainAccess,
  listReaders,
  listAccess,
  runQuery,
  cancelQuery,
  startContractTest,
  getContractTest,
  cancelContractTest,
  // Both: what happened
  listInbox,
  countInbox,
  readEntries,
  readAllEntries,
  listPreferences,
  setPreference,
  createWebhook,
  listDomainWebhooks,
  testWebhook,
  rotateWebhook,
  pauseWebhook,
  enableWebhook,
  removeWebhook,
  listWebhookDeliveries,
  // Governance
  startErasure,
  listAllErasures,
  getErasure,
  cancelErasure,
  liftErasure,
  listAudit,
  verifyAudit,
  exportAudit,
  showPolicies,
];
