//! Access control lists: DescribeAcls, CreateAcls, DeleteAcls.

use crate::api::Call;
use crate::state::State;
use crate::state::access::{Acl, AclError, AclFilter};
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::create_acls_response::AclCreationResult;
use kafka_protocol::messages::delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl};
use kafka_protocol::messages::describe_acls_response::{AclDescription, DescribeAclsResource};
use kafka_protocol::messages::{
    CreateAclsRequest, CreateAclsResponse, DeleteAclsRequest, DeleteAclsResponse, DescribeAclsRequest,
    DescribeAclsResponse,
};
use kafka_protocol::protocol::StrBytes;

const SECURITY_DISABLED: i16 = ResponseError::SecurityDisabled.code();

/// What a filter's requests have in common: they are spelled alike.
macro_rules! filter {
    ($of:expr) => {
        AclFilter {
            resource_type: $of.resource_type_filter,
            resource_name: $of.resource_name_filter.as_ref().map(|name| name.to_string()),
            pattern_type: $of.pattern_type_filter,
            principal: $of.principal_filter.as_ref().map(|name| name.to_string()),
            host: $of.host_filter.as_ref().map(|name| name.to_string()),
            operation: $of.operation,
            permission_type: $of.permission_type,
        }
    };
}

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn describe(state: &mut State, _: &Call, request: &DescribeAclsRequest) -> DescribeAclsResponse {
    if !state.acls.authorizer {
        return DescribeAclsResponse::default()
            .with_error_code(SECURITY_DISABLED)
            .with_error_message(Some(text("No Authorizer is configured on the broker")));
    }
    let mut resources: Vec<DescribeAclsResource> = Vec::new();
    for acl in state.acls.find(&filter!(request)) {
        let description = AclDescription::default()
            .with_principal(text(&acl.principal))
            .with_host(text(&acl.host))
            .with_operation(acl.operation)
            .with_permission_type(acl.permission_type);
        // Entries come in order, so those of one resource follow each other.
        let same = |last: &&mut DescribeAclsResource| {
            last.resource_type == acl.resource_type
                && last.resource_name.as_str() == acl.resource_name
                && last.pattern_type == acl.pattern_type
        };
        match resources.last_mut().filter(same) {
            Some(resource) => resource.acls.push(description),
            None => resources.push(
                DescribeAclsResource::default()
                    .with_resource_type(acl.resource_type)
                    .with_resource_name(text(&acl.resource_name))
                    .with_pattern_type(acl.pattern_type)
                    .with_acls(vec![description]),
            ),
        }
    }
    DescribeAclsResponse::default().with_error_message(None).with_resources(resources)
}

pub(super) fn create(state: &mut State, call: &Call, request: &CreateAclsRequest) -> CreateAclsResponse {
    let results = request.creations.iter().map(|wanted| {
        let acl = Acl {
            resource_type: wanted.resource_type,
            resource_name: wanted.resource_name.to_string(),
            pattern_type: wanted.resource_pattern_type,
            principal: wanted.principal.to_string(),
            host: wanted.host.to_string(),
            operation: wanted.operation,
            permission_type: wanted.permission_type,
        };
        let refusal = match state.faults.refusal(call.key, &acl.resource_name) {
            Some(refusal) => Some(refusal),
            None if !state.acls.authorizer => {
                Some((SECURITY_DISABLED, Some("No Authorizer is configured.".to_owned())))
            }
            None => state.acls.add(acl).err().map(refused),
        };
        // A broker has empty words for what went well.
        let (code, words) = refusal.unwrap_or((0, Some(String::new())));
        AclCreationResult::default()
            .with_error_code(code)
            .with_error_message(words.map(StrBytes::from_string))
    });
    let response = CreateAclsResponse::default().with_results(results.collect());
    state.touch();
    response
}

fn refused(error: AclError) -> (i16, Option<String>) {
    match error {
        AclError::Any => (ResponseError::UnknownServerError.code(), None),
        error => (ResponseError::InvalidRequest.code(), Some(error.to_string())),
    }
}

pub(super) fn delete(state: &mut State, call: &Call, request: &DeleteAclsRequest) -> DeleteAclsResponse {
    let results = request.filters.iter().map(|wanted| {
        let filter = filter!(wanted);
        let name = filter.resource_name.clone().unwrap_or_default();
        let refusal = state.faults.refusal(call.key, &name).or_else(|| {
            let words = || Some("No Authorizer is configured.".to_owned());
            (!state.acls.authorizer).then(|| (SECURITY_DISABLED, words()))
        });
        if let Some((code, words)) = refusal {
            return DeleteAclsFilterResult::default()
                .with_error_code(code)
                .with_error_message(words.map(StrBytes::from_string));
        }
        let removed = state.acls.remove(&filter).into_iter().map(|acl| {
            DeleteAclsMatchingAcl::default()
                .with_error_message(None)
                .with_resource_type(acl.resource_type)
                .with_resource_name(text(&acl.resource_name))
                .with_pattern_type(acl.pattern_type)
                .with_principal(text(&acl.principal))
                .with_host(text(&acl.host))
                .with_operation(acl.operation)
                .with_permission_type(acl.permission_type)
        });
        DeleteAclsFilterResult::default().with_error_message(None).with_matching_acls(removed.collect())
    });
    let response = DeleteAclsResponse::default().with_filter_results(results.collect());
    state.touch();
    response
}
