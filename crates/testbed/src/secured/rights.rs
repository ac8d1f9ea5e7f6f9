//! What somebody may do, given by access control entries.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};
use kafka_protocol::protocol::StrBytes;

use super::cluster::Secured;

const PATIENCE: Duration = Duration::from_secs(60);
const ANY: i8 = 1;
const LITERAL: i8 = 3;
const ALLOW: i8 = 3;

/// What a right is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A topic of this name.
    Topic(String),
    /// A group of this name.
    Group(String),
    /// The cluster.
    Cluster,
}

impl Secured {
    /// Lets a principal, such as `User:klerk`, do this and nothing else; operations as `describe-configs`. Waits until the brokers know.
    ///
    /// # Errors
    /// An operation that there is none of, or a broker that does not take the entries.
    pub fn allow_only(&self, principal: &str, rights: &[(&str, Resource)]) -> Result<()> {
        let client = self.client();
        let text = |text: &str| StrBytes::from_string(text.to_owned());
        let all = DeleteAclsFilter::default()
            .with_resource_type_filter(ANY)
            .with_resource_name_filter(None)
            .with_pattern_type_filter(ANY)
            .with_principal_filter(Some(text(principal)))
            .with_host_filter(None)
            .with_operation(ANY)
            .with_permission_type(ANY);
        let answer = client.call(&DeleteAclsRequest::default().with_filters(vec![all]), 3)?;
        ensure!(answer.filter_results.iter().all(|result| result.error_code == 0), "{answer:?}");
        let creations = rights.iter().map(|(operation, resource)| {
            let (kind, name) = match resource {
                Resource::Topic(name) => (2, name.as_str()),
                Resource::Group(name) => (3, name.as_str()),
                Resource::Cluster => (4, "kafka-cluster"),
            };
            Ok(AclCreation::default()
                .with_resource_type(kind)
                .with_resource_name(text(name))
                .with_resource_pattern_type(LITERAL)
                .with_principal(text(principal))
                .with_host(text("*"))
                .with_operation(code_of(operation)?)
                .with_permission_type(ALLOW))
        });
        let creations: Vec<AclCreation> = creations.collect::<Result<_>>()?;
        let answer = client.call(&CreateAclsRequest::default().with_creations(creations), 3)?;
        ensure!(answer.results.iter().all(|result| result.error_code == 0), "{answer:?}");
        let asked = DescribeAclsRequest::default()
            .with_resource_type_filter(ANY)
            .with_resource_name_filter(None)
            .with_pattern_type_filter(ANY)
            .with_principal_filter(Some(text(principal)))
            .with_host_filter(None)
            .with_operation(ANY)
            .with_permission_type(ANY);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = client.call(&asked, 3)?;
            let count: usize = seen.resources.iter().map(|resource| resource.acls.len()).sum();
            if count == rights.len() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the broker does not know the entries: {seen:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn code_of(operation: &str) -> Result<i8> {
    let codes = [
        ("read", 3),
        ("create", 5),
        ("delete", 6),
        ("alter", 7),
        ("describe", 8),
        ("describe-configs", 10),
        ("alter-configs", 11),
    ];
    codes.iter().find(|(word, _)| *word == operation).map(|(_, code)| *code).context("no operation")
}
