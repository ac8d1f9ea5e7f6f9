//! What somebody may do, given by access control entries.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{
    CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest, DescribeAclsResponse,
};
use kafka_protocol::protocol::StrBytes;

use super::cluster::Secured;
use crate::client::Client;

const PATIENCE: Duration = Duration::from_secs(60);
const ANY: i8 = 1;
const LITERAL: i8 = 3;
const ALLOW: i8 = 3;
const CLUSTER: &str = "kafka-cluster";

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
                Resource::Cluster => (4, CLUSTER),
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
        for broker in 1..=self.cluster.size() {
            let client = Client::new(vec![self.cluster.broker_address(broker)]);
            loop {
                let seen = client.call(&asked, 3)?;
                if is_all(&seen, rights) {
                    break;
                }
                ensure!(Instant::now() < deadline, "broker {broker} does not know the entries: {seen:?}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Ok(())
    }
}

/// Whether these entries are there, and none of an earlier time.
fn is_all(seen: &DescribeAclsResponse, rights: &[(&str, Resource)]) -> bool {
    let entries = seen.resources.iter().flat_map(|resource| {
        resource.acls.iter().map(|acl| (resource.resource_name.as_str(), acl.operation))
    });
    let wanted = rights.iter().map(|(operation, resource)| {
        let name = match resource {
            Resource::Topic(name) | Resource::Group(name) => name.as_str(),
            Resource::Cluster => CLUSTER,
        };
        (name, code_of(operation).unwrap_or(ANY))
    });
    let sorted = |mut entries: Vec<_>| {
        entries.sort_unstable();
        entries
    };
    sorted(entries.collect()) == sorted(wanted.collect())
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
