//! ACLs of a cluster with an authorizer, over the wire.

mod client;

use anyhow::Result;
use client::Client;
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest};
use kafka_protocol::protocol::StrBytes;
use klerk_sandbox::{Options, Sandbox};

fn creation(principal: &'static str, operation: i8) -> AclCreation {
    AclCreation::default()
        .with_resource_type(2)
        .with_resource_name(StrBytes::from_static_str("orders"))
        .with_resource_pattern_type(3)
        .with_principal(StrBytes::from_static_str(principal))
        .with_host(StrBytes::from_static_str("*"))
        .with_operation(operation)
        .with_permission_type(3)
}

#[tokio::test]
async fn entries_are_stored_once_found_and_removed() -> Result<()> {
    let sandbox = Sandbox::start(&Options { brokers: 1, ..Options::default() }).await?;
    sandbox.with(|state| state.acls.authorizer = true);
    let mut client = Client::of(&sandbox, 1).await?;
    let creations =
        vec![creation("User:a", 3), creation("User:a", 3), creation("User:b", 4), creation("me", 3)];
    let created = client.ask(&CreateAclsRequest::default().with_creations(creations), 3).await?;
    let codes: Vec<i16> = created.results.iter().map(|result| result.error_code).collect();
    assert_eq!(codes, [0, 0, 0, 42]);
    let all = DescribeAclsRequest::default()
        .with_resource_type_filter(1)
        .with_resource_name_filter(None)
        .with_principal_filter(None)
        .with_host_filter(None)
        .with_pattern_type_filter(1)
        .with_operation(1)
        .with_permission_type(1);
    let described = client.ask(&all, 3).await?;
    let found: Vec<(&str, usize)> =
        described.resources.iter().map(|one| (one.resource_name.as_str(), one.acls.len())).collect();
    assert_eq!(found, [("orders", 2)]);
    let of_a = DeleteAclsFilter::default()
        .with_resource_type_filter(1)
        .with_resource_name_filter(None)
        .with_host_filter(None)
        .with_pattern_type_filter(1)
        .with_principal_filter(Some(StrBytes::from_static_str("User:a")))
        .with_operation(1)
        .with_permission_type(1);
    let deleted = client.ask(&DeleteAclsRequest::default().with_filters(vec![of_a]), 3).await?;
    assert_eq!(deleted.filter_results[0].matching_acls.len(), 1);
    assert_eq!(client.ask(&all, 3).await?.resources[0].acls.len(), 1);
    Ok(())
}
