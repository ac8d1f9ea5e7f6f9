//! Access control entries: all that there are, and making and removing single ones.

use super::batch::{Carrier, Outcome, Verdicts, Watch, carry_all};
use super::call_error::{CallError, failure};
use super::cluster::Cluster;
use super::enact_topics::{Mode, Way, text, verdict};
use super::route::{Retry, To};
use crate::secure::Security;
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::delete_acls_response::DeleteAclsFilterResult;
use kafka_protocol::messages::describe_acls_response::DescribeAclsResource;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};
use klerk_core::access::{Acl, AclResource, AclResourceType, Operation, PatternType, Permission};
use klerk_core::values::{Failure, Known};
use klerk_core::world::NO_AUTHORIZER;
use std::collections::BTreeSet;

/// What a filter says that is to fit everything.
const ANY: i8 = 1;
/// SECURITY_DISABLED: there is no authorizer.
const SECURITY_DISABLED: i16 = 54;
/// DescribeAcls and its like speak of prefixes from this version on (KIP-290).
const WITH_PATTERNS: i16 = 1;

/// What a cluster tells of access control entries.
#[derive(Debug)]
pub struct SeenAcls {
    /// All that there are; not available where nothing reads any.
    pub acls: Known<BTreeSet<Acl>>,
    /// Whether an authorizer reads them. Without one everybody may do everything, and no entry is missing.
    pub has_authorizer: bool,
}

impl SeenAcls {
    fn of(acls: Known<BTreeSet<Acl>>) -> Self {
        SeenAcls { acls, has_authorizer: true }
    }
}

impl Cluster {
    /// All entries of the cluster; `Unavailable` where it has no authorizer.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn acls(&self) -> Result<SeenAcls, CallError> {
        let build = |version: i16| {
            let request = DescribeAclsRequest::default()
                .with_resource_type_filter(ANY)
                .with_resource_name_filter(None)
                .with_principal_filter(None)
                .with_host_filter(None)
                .with_operation(ANY)
                .with_permission_type(ANY);
            if version >= WITH_PATTERNS { request.with_pattern_type_filter(ANY) } else { request }
        };
        match self.call(To::Any, Retry::Safe, build).await {
            Ok(answer) => Ok(SeenAcls::of(read(&answer.body.resources))),
            Err(CallError::Refused(refusal)) if refusal.code.code == SECURITY_DISABLED => {
                let acls = Known::Unavailable(NO_AUTHORIZER.to_owned());
                Ok(SeenAcls { acls, has_authorizer: false })
            }
            Err(error @ (CallError::Refused(_) | CallError::Version { .. })) => {
                Ok(SeenAcls::of(error.unknown()))
            }
            Err(error) => Err(error),
        }
    }

    /// How connections to it are protected.
    pub fn security(&self) -> &Security {
        &self.shared.options.security
    }

    /// Makes entries; one outcome for each, in their order. One that is there already stays as it is.
    pub async fn create_acls(&self, acls: &[Acl], watch: &mut impl Watch<()>) -> Vec<Outcome<()>> {
        carry_all(&Creation(Way::new(self, Mode::Apply)), acls, watch).await
    }

    /// Removes these entries and no others; one outcome for each, in their order.
    pub async fn delete_acls(&self, acls: &[Acl], watch: &mut impl Watch<()>) -> Vec<Outcome<()>> {
        carry_all(&Removal(Way::new(self, Mode::Apply)), acls, watch).await
    }
}

/// The entries of an answer. One that cannot be read leaves none of them known: what is not seen would not be revoked.
fn read(resources: &[DescribeAclsResource]) -> Known<BTreeSet<Acl>> {
    let mut acls = BTreeSet::new();
    for resource in resources {
        for entry in &resource.acls {
            let pattern = PatternType::from_code(resource.pattern_type);
            let permission = Permission::from_code(entry.permission_type);
            let (Some(pattern), Some(permission)) = (pattern, permission) else {
                let message = format!(
                    "the broker tells of an entry of {} on {} that this version cannot read",
                    &*entry.principal, &*resource.resource_name
                );
                return Known::Failed(Failure::without_reply("UNKNOWN_ACL", message));
            };
            acls.insert(Acl {
                principal: entry.principal.to_string(),
                resource: AclResource {
                    kind: AclResourceType::from_code(resource.resource_type),
                    name: resource.resource_name.to_string(),
                    pattern,
                },
                permission,
                operation: Operation::from_code(entry.operation),
                host: entry.host.to_string(),
            });
        }
    }
    Known::Known(acls)
}

struct Creation<'a>(Way<'a>);

impl Carrier for Creation<'_> {
    type Item = Acl;
    type Value = ();

    /// The same entry twice is stored once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn carry(&self, acls: &[&Acl]) -> Result<Verdicts<()>, CallError> {
        let Creation(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |version| {
                CreateAclsRequest::default()
                    .with_creations(acls.iter().map(|acl| creation(acl, version)).collect())
            })
            .await?;
        let mut results = answer.body.results.iter();
        let answered = acls.iter().map(|_| {
            let result = results.next()?;
            Some(verdict(result.error_code, &result.error_message, || ()))
        });
        Ok(answered.collect())
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

fn creation(acl: &Acl, version: i16) -> AclCreation {
    let creation = AclCreation::default()
        .with_resource_type(acl.resource.kind.code())
        .with_resource_name(text(&acl.resource.name))
        .with_principal(text(&acl.principal))
        .with_host(text(&acl.host))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code());
    if version >= WITH_PATTERNS {
        creation.with_resource_pattern_type(acl.resource.pattern.code())
    } else {
        creation
    }
}

struct Removal<'a>(Way<'a>);

impl Carrier for Removal<'_> {
    type Item = Acl;
    type Value = ();

    /// What is gone is not removed again.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn carry(&self, acls: &[&Acl]) -> Result<Verdicts<()>, CallError> {
        let Removal(way) = self;
        let answer = way
            .cluster
            .call(way.to(), way.retry(), |version| {
                DeleteAclsRequest::default()
                    .with_filters(acls.iter().map(|acl| filter(acl, version)).collect())
            })
            .await?;
        let mut results = answer.body.filter_results.iter();
        Ok(acls.iter().map(|_| Some(removed(results.next()?))).collect())
    }

    async fn find_controller(&self) {
        self.0.find_controller().await;
    }
}

/// A filter that fits one entry only.
fn filter(acl: &Acl, version: i16) -> DeleteAclsFilter {
    let filter = DeleteAclsFilter::default()
        .with_resource_type_filter(acl.resource.kind.code())
        .with_resource_name_filter(Some(text(&acl.resource.name)))
        .with_principal_filter(Some(text(&acl.principal)))
        .with_host_filter(Some(text(&acl.host)))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code());
    if version >= WITH_PATTERNS {
        filter.with_pattern_type_filter(acl.resource.pattern.code())
    } else {
        filter
    }
}

/// The answer to a filter, or that to the entry that it fitted. It may have fitted none, which is as well.
fn removed(result: &DeleteAclsFilterResult) -> Result<(), Failure> {
    verdict(result.error_code, &result.error_message, || ())?;
    match result.matching_acls.iter().find(|acl| acl.error_code != 0) {
        Some(acl) => {
            let words = acl.error_message.as_ref().map_or("", |words| words.as_str());
            Err(failure(acl.error_code, words))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::messages::describe_acls_response::AclDescription;

    fn acl() -> Acl {
        let topics = AclResource::prefixed(AclResourceType::Topic, "escrow.");
        Acl { host: "10.0.0.1".to_owned(), ..Acl::allow("User:a", Operation::Write, topics) }
    }

    #[test]
    fn a_filter_names_everything_so_that_it_fits_one_entry() {
        let sent = filter(&acl(), 3);
        assert_eq!((sent.resource_type_filter, sent.pattern_type_filter), (2, 4));
        assert_eq!((sent.operation, sent.permission_type), (4, 3));
        let named = [&sent.resource_name_filter, &sent.principal_filter, &sent.host_filter];
        let named = named.map(|name| name.as_ref().map(|name| name.to_string()));
        assert_eq!(named, ["escrow.", "User:a", "10.0.0.1"].map(|name| Some(name.to_owned())));
        assert_eq!(creation(&acl(), 3).resource_pattern_type, 4);
    }

    #[test]
    fn an_entry_that_cannot_be_read_leaves_none_of_them_known() {
        let entry = |permission| {
            AclDescription::default()
                .with_principal(text("User:a"))
                .with_host(text("10.0.0.1"))
                .with_operation(4)
                .with_permission_type(permission)
        };
        let resource = |pattern, acls| {
            DescribeAclsResource::default()
                .with_resource_type(2)
                .with_resource_name(text("escrow."))
                .with_pattern_type(pattern)
                .with_acls(acls)
        };
        let found = read(&[resource(4, vec![entry(3), entry(2)])]);
        let Known::Known(acls) = &found else { panic!("{found:?}") };
        assert!(acls.contains(&acl()) && acls.len() == 2);
        assert!(matches!(read(&[resource(9, vec![entry(3)])]), Known::Failed(_)));
        assert!(matches!(read(&[resource(3, vec![entry(0)])]), Known::Failed(_)));
    }
}
