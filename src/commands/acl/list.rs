use crate::app::App;
use crate::cli::{AclList, UsageError};
use crate::commands::planning;
use crate::error::Error;
use crate::kafka::SeenAcls;
use crate::status::Status;
use crate::view::acl_list;
use crate::view::json::v1::AclsDocument;
use klerk_core::access::{Acl, Asked, Named, Operation, decide, parse_operation, principal};
use klerk_core::values::Known;
use std::collections::BTreeSet;

/// A question of `--explain`.
struct Question {
    principal: String,
    operation: Operation,
    resource: Named,
    name: String,
}

/// `klerk acl list`: all entries that are asked for, or the one that decides.
pub(super) async fn run(app: &App, args: &AclList) -> Result<Status, Error> {
    let question = question(&args.explain)?;
    let app = &app.within_named(&args.sources)?;
    let cluster = app.reading(planning::connect(app)).await?.cluster;
    let SeenAcls { acls, has_authorizer } = app.reading(cluster.acls()).await?;
    let none = BTreeSet::new();
    let all = acls.known().unwrap_or(&none);
    match question {
        Some(Question { principal, operation, resource, name }) => {
            let host = args.host.as_deref();
            let asked = Asked { principal: &principal, operation, kind: resource.kind, name: &name, host };
            let decision = decide(&asked, all);
            app.answer(
                || acl_list::explained(&asked, &resource, &decision, &acls),
                || AclsDocument::explained(&asked, &decision, &acls),
            );
        }
        None => {
            let whose = args.principal.as_deref().map(principal);
            let is_wanted = |acl: &&Acl| {
                whose.as_ref().is_none_or(|whose| acl.principal == *whose)
                    && args.resource.as_ref().is_none_or(|named| named.is_in(&acl.resource))
                    && args
                        .operation
                        .is_none_or(|one| acl.operation == one || acl.operation == Operation::All)
                    && !(args.deny && acl.allows())
            };
            let shown: Vec<&Acl> = all.iter().filter(is_wanted).collect();
            app.answer(|| acl_list::human(&shown, &acls), || AclsDocument::new(&shown, &acls));
        }
    }
    Ok(match acls {
        Known::Denied(_) | Known::Failed(_) | Known::Unavailable(_) if has_authorizer => Status::Partly,
        _ => Status::Done,
    })
}

fn question(words: &[String]) -> Result<Option<Question>, Error> {
    let [who, what, to_what] = words else { return Ok(None) };
    let usage = |message: String| {
        let hints = vec!["klerk acl list --explain User:billing read topic:orders".to_owned()];
        Error::Usage(UsageError::Arguments { message: format!("--explain: {message}"), hints })
    };
    let operation = parse_operation(what).map_err(|error| usage(error.to_string()))?;
    let resource: Named =
        to_what.parse().map_err(|error: <Named as std::str::FromStr>::Err| usage(error.to_string()))?;
    let name =
        resource.name.clone().ok_or_else(|| usage(format!("'{to_what}' does not say which {to_what}")))?;
    Ok(Some(Question { principal: principal(who), operation, resource, name }))
}
