/**
 * What the roles may do in their own domain, and administrators in the mesh. Everything else is denied
 * unless a policy of the mesh or of the product permits it; a `forbid` there overrides these.
 * Roles include one another (`ROLES`): a steward, an engineer and an owner are analysts too.
 */
export const BUILT_IN_POLICIES = `
@id("administrators run the mesh and read no data")
permit (
  principal in Role::"administrator",
  action in [
    Action::"mesh.administer", Action::"mesh.audit",
    Action::"domain.read", Action::"domain.apply", Action::"domain.administer", Action::"domain.restrict",
    Action::"domain.audit",
    Action::"product.discover", Action::"product.publish", Action::"product.run", Action::"product.restrict",
    Action::"subscription.read"
  ],
  resource
);

@id("owners administer their domain")
permit (principal, action == Action::"domain.administer", resource)
when { principal in resource.owners };

@id("members see their domain")
permit (principal, action == Action::"domain.read", resource)
when { principal in resource.analysts };

@id("engineers apply their domain")
permit (principal, action == Action::"domain.apply", resource)
when { principal in resource.engineers };

@id("stewards restrict and audit their domain")
permit (principal, action in [Action::"domain.restrict", Action::"domain.audit"], resource)
when { principal in resource.stewards };

@id("stewards erase data subjects from their domain")
permit (principal, action == Action::"domain.erase", resource)
when { principal in resource.stewards };

@id("stewards and engineers keep the endpoints of their domain")
permit (principal, action == Action::"domain.notify", resource)
when { principal in resource.stewards || principal in resource.engineers };

@id("members find and read the products of their domain")
permit (principal, action in [Action::"product.discover", Action::"product.read"], resource)
when { principal in resource.domain.analysts };

@id("engineers publish and run the products of their domain")
permit (principal, action in [Action::"product.publish", Action::"product.run"], resource)
when { principal in resource.domain.engineers };

@id("stewards restrict the products of their domain")
permit (principal, action == Action::"product.restrict", resource)
when { principal in resource.domain.stewards };

@id("subscribers read what they subscribe to")
permit (principal, action == Action::"product.read", resource)
when { context has subscription && principal in context.subscription.domain };

@id("who is named in mesh.yaml for emergencies reads what the producer allows")
permit (principal, action in [Action::"product.elevate", Action::"product.read"], resource)
when { context has elevation && context.elevation.named && context.elevation.allowed };

@id("stewards approve and revoke subscriptions to their products")
permit (
  principal,
  action in [Action::"subscription.read", Action::"subscription.approve", Action::"subscription.revoke"],
  resource
)
when { principal in resource.domain.stewards };

@id("who is named in mesh.yaml approves the use of personal data")
permit (
  principal,
  action in [Action::"subscription.read", Action::"subscription.approve-privacy"],
  resource
)
when { principal in resource.privacyRoles || principal in resource.privacyPeople };

@id("owners delegate the approval of requests for their products")
permit (principal, action == Action::"product.delegate", resource)
when { principal in resource.domain.owners };

@id("delegates decide about requests, within their ceiling")
permit (principal, action in [Action::"subscription.read", Action::"subscription.approve"], resource)
when { context has delegation };

@id("consumers see their subscriptions")
permit (principal, action == Action::"subscription.read", resource)
when { principal in resource.consumer };

@id("stewards of a consumer give its subscriptions back")
permit (principal, action == Action::"subscription.revoke", resource)
when { principal in resource.consumer.stewards };

@id("members see the sources of their domain")
permit (principal, action == Action::"source.read", resource)
when { principal in resource.domain.analysts };

@id("engineers crawl the sources of their domain")
permit (principal, action == Action::"source.crawl", resource)
when { principal in resource.domain.engineers };
`;
